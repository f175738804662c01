import { printRows } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { workerView } from "./overview-view.ts";

/** `rig tasks workers` */
export async function run(options: GlobalOptions): Promise<void> {
  const { workers } = await withContext(options, ({ tasks }) => tasks.overview());
  await printRows(workers, workerView, options);
}
