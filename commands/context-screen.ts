import { aborted } from "../src/runtime/aborted.ts";
import { allEnded } from "../src/runtime/all-ended.ts";
import type { GlobalOptions } from "./global-options.ts";
import { type CommandContext, withContext } from "./with-context.ts";

/**
 * Shows a screen until it is left or the signal aborts. Its first frame is there before rig is wired: loading what that
 * needs takes longer than ink. Where wiring fails the screen is left and the error thrown.
 */
export async function showWhileWiring(
  options: GlobalOptions,
  show: (context: Promise<CommandContext>, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const end = new AbortController();
  let wired: (context: CommandContext) => void = () => {};
  const context = new Promise<CommandContext>((resolve) => {
    wired = resolve;
  });
  const screen = show(context, AbortSignal.any([signal, end.signal]));
  const wiring = withContext(options, async (opened) => {
    wired(opened);
    await aborted(end.signal);
  });
  await allEnded([screen, wiring].map((work) => work.finally(() => end.abort()))); // an error is thrown to a restored terminal
}
