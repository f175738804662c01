import { prepareScreen } from "../../src/runtime/cli/screen.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { showWhileWiring } from "../context-screen.ts";
import type { GlobalOptions } from "../global-options.ts";
import { type CommandContext, withContext } from "../with-context.ts";

/** Shows the screen of live streams until it is left or the signal aborts. */
export async function showScreen(options: GlobalOptions, intervalMs: number, signal: AbortSignal): Promise<void> {
  const terminal = prepareScreen();
  const { showStreamsTop } = await import("../../src/tui/show-streams-top.tsx");
  await showWhileWiring<CommandContext>(
    withContext,
    options,
    (context, until) =>
      showStreamsTop({
        ...terminal,
        load: async () => (await context).liveStreams.list(),
        drop: async (streamId) => (await context).streams.drop(streamId, (await context).actor),
        retry: async (destinationId) => (await context).destinations.retryNow(destinationId, (await context).actor),
        clock: systemClock,
        signal: until,
        intervalMs,
      }),
    signal,
  );
}
