import { invalidInput } from "../../src/domain/errors.ts";
import { interruptible } from "../../src/runtime/cli/interruptible.ts";
import { formatOf } from "../../src/runtime/cli/output.ts";
import { readInterval } from "../../src/runtime/cli/read-number.ts";
import { isInteractive } from "../../src/runtime/cli/terminal.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { GlobalOptions } from "../global-options.ts";
import { type CommandContext, withContext } from "../with-context.ts";
import { printOverview } from "./overview-view.ts";

interface TopOptions extends GlobalOptions {
  /** Seconds, as typed. */
  readonly interval: string;
  readonly watch?: boolean;
}

/**
 * `rig tasks top [--interval SECONDS] [--watch]`: a screen on a terminal; elsewhere, or with an output format, one
 * snapshot; with `--watch` one JSON line for each snapshot until interrupted.
 */
export async function run(options: TopOptions): Promise<void> {
  const intervalMs = readInterval("--interval", options.interval);
  const wantsText = options.json === true || options.output !== undefined;
  if (options.watch && wantsText && formatOf(options) !== "ndjson")
    throw invalidInput("--watch", "prints a JSON line for each snapshot: use it with -o ndjson");
  if (!options.watch && !wantsText && isInteractive()) {
    const { showScreen } = await import("./top-screen.ts");
    await interruptible((signal) => showScreen(options, intervalMs, signal));
    return;
  }
  await withContext(options, async (context) => {
    if (options.watch) await interruptible((signal) => printSnapshots(context, intervalMs, signal));
    else await printOverview(await context.tasks.overview(), systemClock.now(), options);
  });
}

async function printSnapshots({ tasks }: CommandContext, intervalMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await printOverview(await tasks.overview(), systemClock.now(), { output: "ndjson" });
    await systemClock.sleep(intervalMs, signal);
  }
}
