import { aborted } from "../src/runtime/aborted.ts";
import { allEnded } from "../src/runtime/all-ended.ts";
import type { GlobalOptions } from "./global-options.ts";

/** Opens what a command works with, and closes it after the command. */
type Within<Context> = (options: GlobalOptions, command: (context: Context) => Promise<void>) => Promise<void>;

/**
 * Shows a screen until it is left or the signal aborts. Its first frame is there before rig is wired: loading what that
 * needs takes longer than ink. Where wiring fails the screen is left and the error thrown.
 */
export async function showWhileWiring<Context>(
  within: Within<Context>,
  options: GlobalOptions,
  show: (context: Promise<Context>, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const end = new AbortController();
  let wired: (context: Context) => void = () => {};
  const context = new Promise<Context>((resolve) => {
    wired = resolve;
  });
  const screen = show(context, AbortSignal.any([signal, end.signal]));
  const wiring = within(options, async (opened) => {
    wired(opened);
    await aborted(end.signal);
  });
  await allEnded([screen, wiring].map((work) => work.finally(() => end.abort()))); // an error is thrown to a restored terminal
}
