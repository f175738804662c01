import { prepareScreen } from "../../src/runtime/cli/screen.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { showWhileWiring } from "../context-screen.ts";
import type { GlobalOptions } from "../global-options.ts";
import { type ViewersContext, withViewers } from "./with-viewers.ts";

/** Shows the screen of viewer tokens until it is left or the signal aborts. */
export async function showScreen(options: GlobalOptions, intervalMs: number, signal: AbortSignal): Promise<void> {
  const terminal = prepareScreen();
  const { showTokensTop } = await import("../../src/tui/show-tokens-top.tsx");
  await showWhileWiring<ViewersContext>(
    withViewers,
    options,
    (context, until) =>
      showTokensTop({
        ...terminal,
        load: async () => (await context).viewers.activity(),
        clock: systemClock,
        signal: until,
        intervalMs,
      }),
    signal,
  );
}
