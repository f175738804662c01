import type { OutputFlags } from "../../src/runtime/cli/output.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { runTop, type TopOptions } from "../run-top.ts";
import { type CommandContext, withContext } from "../with-context.ts";
import { printOverview } from "./overview-view.ts";

/** `rig tasks top [--interval SECONDS] [--watch]`; a snapshot is what `rig tasks kinds` and its neighbours show. @see runTop */
export function run(options: TopOptions): Promise<void> {
  const print = async ({ tasks }: CommandContext, flags: OutputFlags) =>
    printOverview(await tasks.overview(), systemClock.now(), flags);
  return runTop<CommandContext>(options, {
    showScreen: async (...shown) => (await import("./top-screen.ts")).showScreen(options, ...shown),
    within: (command) => withContext(options, command),
    printSnapshot: (context) => print(context, options),
    printLine: (context) => print(context, { output: "ndjson" }),
  });
}
