import { invalidInput } from "../../src/domain/errors.ts";
import type { StreamStatus } from "../../src/domain/live.ts";
import { interruptible } from "../../src/runtime/cli/interruptible.ts";
import { formatOf, printRows } from "../../src/runtime/cli/output.ts";
import { readInterval } from "../../src/runtime/cli/read-number.ts";
import { isInteractive } from "../../src/runtime/cli/terminal.ts";
import { writeData } from "../../src/runtime/cli/write.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { GlobalOptions } from "../global-options.ts";
import { type CommandContext, withContext } from "../with-context.ts";
import { streamView } from "./stream-view.ts";

interface TopOptions extends GlobalOptions {
  /** Seconds, as typed. */
  readonly interval: string;
  readonly watch?: boolean;
}

/**
 * `rig streams top [--interval SECONDS] [--watch]`: a screen on a terminal; elsewhere, or with an output format, one
 * snapshot of the live streams; with `--watch` one JSON line for each snapshot until interrupted.
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
    else await printRows(await listLive(context), streamView, options);
  });
}

const listLive = async ({ liveStreams }: CommandContext): Promise<StreamStatus[]> =>
  (await liveStreams.list()).filter(({ live }) => live);

async function printSnapshots(context: CommandContext, intervalMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const streams = (await listLive(context)).map(streamView.json);
    await writeData(`${JSON.stringify({ at: new Date(systemClock.now()).toISOString(), streams })}\n`);
    await systemClock.sleep(intervalMs, signal);
  }
}
