import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { taskDetailView } from "./task-view.ts";

/** `rig tasks show TASK` */
export async function run(options: GlobalOptions, taskId: string): Promise<void> {
  const task = await withContext(options, ({ tasks }) => tasks.show(taskId));
  await printOne(task, taskDetailView, options);
}
