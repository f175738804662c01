import { printOne } from "../../src/runtime/cli/output.ts";
import { writeWord } from "../../src/runtime/cli/write.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { changedKindView } from "./changed-view.ts";

/** `rig tasks pause KIND` */
export async function run(options: GlobalOptions, kind: string): Promise<void> {
  const { changed, isKnown } = await withContext(options, async ({ tasks, actor }) => {
    const { kinds, workers } = await tasks.overview();
    const known = [...kinds.map((each) => each.kind), ...workers.flatMap((worker) => worker.kinds ?? [])];
    return { isKnown: known.includes(kind), changed: await tasks.pause(kind, actor) };
  });
  if (!isKnown) await writeWord(`No task of kind ${kind} is there now: \`rig tasks kinds\` shows those that are.\n`);
  await printOne({ kind, paused: true, changed }, changedKindView, options);
}
