import type { StreamStatus } from "../../src/domain/live.ts";
import { printRows } from "../../src/runtime/cli/output.ts";
import { writeData } from "../../src/runtime/cli/write.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { runTop, type TopOptions } from "../run-top.ts";
import { type CommandContext, withContext } from "../with-context.ts";
import { streamView } from "./stream-view.ts";

/** `rig streams top [--interval SECONDS] [--watch]`; a snapshot is that of the live streams. @see runTop */
export function run(options: TopOptions): Promise<void> {
  return runTop<CommandContext>(options, {
    showScreen: async (...shown) => (await import("./top-screen.ts")).showScreen(options, ...shown),
    within: (command) => withContext(options, command),
    printSnapshot: async (context) => printRows(await listLive(context), streamView, options),
    async printLine(context) {
      const streams = (await listLive(context)).map(streamView.json);
      await writeData(`${JSON.stringify({ at: new Date(systemClock.now()).toISOString(), streams })}\n`);
    },
  });
}

const listLive = async ({ liveStreams }: CommandContext): Promise<StreamStatus[]> =>
  (await liveStreams.list()).filter(({ live }) => live);
