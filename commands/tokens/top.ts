import type { OutputFlags } from "../../src/runtime/cli/output.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { runTop, type TopOptions } from "../run-top.ts";
import { printActivity } from "./activity-view.ts";
import { type ViewersContext, withViewers } from "./with-viewers.ts";

/** `rig tokens top [--interval SECONDS] [--watch]`; a snapshot is what the servers answer, and whom most. @see runTop */
export function run(options: TopOptions): Promise<void> {
  const print = async ({ viewers }: ViewersContext, flags: OutputFlags) =>
    printActivity(await viewers.activity(), systemClock.now(), flags);
  return runTop<ViewersContext>(options, {
    showScreen: async (...shown) => (await import("./top-screen.ts")).showScreen(options, ...shown),
    within: (command) => withViewers(options, command),
    printSnapshot: (context) => print(context, options),
    printLine: (context) => print(context, { output: "ndjson" }),
  });
}
