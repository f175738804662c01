import { systemClock } from "../../src/runtime/clock.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { printOverview } from "./overview-view.ts";

/** Prints what there is, again and again, until the signal aborts. */
export async function showScreen(options: GlobalOptions, intervalMs: number, signal: AbortSignal): Promise<void> {
  await withContext(options, async ({ tasks }) => {
    for (; !signal.aborted; await systemClock.sleep(intervalMs, signal))
      await printOverview(await tasks.overview(), systemClock.now(), options);
  });
}
