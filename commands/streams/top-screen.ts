import { aborted } from "../../src/runtime/aborted.ts";
import { allEnded } from "../../src/runtime/all-ended.ts";
import { prepareScreen } from "../../src/runtime/cli/screen.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { GlobalOptions } from "../global-options.ts";
import { type CommandContext, withContext } from "../with-context.ts";

/**
 * Shows the screen of live streams until it is left or the signal aborts. The first frame is there before rig is wired:
 * loading what that needs takes longer than ink. Where wiring fails the screen is left and the error thrown.
 */
export async function showScreen(options: GlobalOptions, intervalMs: number, signal: AbortSignal): Promise<void> {
  const terminal = prepareScreen();
  const { showStreamsTop } = await import("../../src/tui/show-streams-top.tsx");
  const end = new AbortController();
  let wired: (context: CommandContext) => void = () => {};
  const context = new Promise<CommandContext>((resolve) => {
    wired = resolve;
  });
  const screen = showStreamsTop({
    ...terminal,
    load: async () => (await context).liveStreams.list(),
    drop: async (streamId) => (await context).streams.drop(streamId, (await context).actor),
    retry: async (destinationId) => (await context).destinations.retryNow(destinationId, (await context).actor),
    clock: systemClock,
    signal: AbortSignal.any([signal, end.signal]),
    intervalMs,
  });
  const wiring = withContext(options, async (opened) => {
    wired(opened);
    await aborted(end.signal);
  });
  await allEnded([screen, wiring].map((work) => work.finally(() => end.abort()))); // an error is thrown to a restored terminal
}
