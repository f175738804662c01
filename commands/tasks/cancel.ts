import { confirm } from "../../src/runtime/cli/confirm.ts";
import { printOne } from "../../src/runtime/cli/output.ts";
import { writeWord } from "../../src/runtime/cli/write.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { changedTaskView } from "./changed-view.ts";

/** `rig tasks cancel TASK [--yes]`; a task that runs is `asked`, and ends when its worker has stopped it. */
export async function run(options: GlobalOptions & { yes?: boolean }, taskId: string): Promise<void> {
  const state = await withContext(options, async ({ tasks, actor }) => {
    const { kind, state: present } = await tasks.show(taskId);
    if (!(await confirm(`Cancel task ${taskId} of kind ${kind}, which is ${present}?`, options))) return null;
    return tasks.cancel(taskId, actor);
  });
  if (state === null) await writeWord("Not cancelled.\n");
  else await printOne({ id: taskId, state }, changedTaskView, options);
}
