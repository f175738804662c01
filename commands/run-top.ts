import { invalidInput } from "../src/domain/errors.ts";
import { interruptible } from "../src/runtime/cli/interruptible.ts";
import { formatOf } from "../src/runtime/cli/output.ts";
import { readInterval } from "../src/runtime/cli/read-number.ts";
import { isInteractive } from "../src/runtime/cli/terminal.ts";
import { systemClock } from "../src/runtime/clock.ts";
import type { GlobalOptions } from "./global-options.ts";

export interface TopOptions extends GlobalOptions {
  /** Seconds, as typed. */
  readonly interval: string;
  readonly watch?: boolean;
}

interface Top<Context> {
  /** Shows the screen until it is left or the signal aborts. */
  showScreen(intervalMs: number, signal: AbortSignal): Promise<void>;
  /** Opens what the text is printed from, and closes it afterwards. */
  within(print: (context: Context) => Promise<void>): Promise<void>;
  printSnapshot(context: Context): Promise<void>;
  /** One snapshot on one line of JSON. */
  printLine(context: Context): Promise<void>;
}

/**
 * A screen on a terminal; elsewhere, or with an output format, one snapshot; with `--watch` one JSON line for each
 * snapshot until interrupted.
 */
export async function runTop<Context>(options: TopOptions, top: Top<Context>): Promise<void> {
  const intervalMs = readInterval("--interval", options.interval);
  const wantsText = options.json === true || options.output !== undefined;
  if (options.watch && wantsText && formatOf(options) !== "ndjson")
    throw invalidInput("--watch", "prints a JSON line for each snapshot: use it with -o ndjson");
  if (!options.watch && !wantsText && isInteractive()) {
    await interruptible((signal) => top.showScreen(intervalMs, signal));
    return;
  }
  await top.within(async (context) => {
    if (options.watch) await interruptible((signal) => printLines(() => top.printLine(context), intervalMs, signal));
    else await top.printSnapshot(context);
  });
}

async function printLines(print: () => Promise<void>, intervalMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await print();
    await systemClock.sleep(intervalMs, signal);
  }
}
