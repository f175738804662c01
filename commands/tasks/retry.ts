import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { changedTaskView } from "./changed-view.ts";

/** `rig tasks retry TASK` */
export async function run(options: GlobalOptions, taskId: string): Promise<void> {
  await withContext(options, ({ tasks, actor }) => tasks.retry(taskId, actor));
  await printOne({ id: taskId, state: "ready" }, changedTaskView, options);
}
