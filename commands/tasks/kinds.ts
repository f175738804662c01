import { printRows } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { kindView } from "./overview-view.ts";

/** `rig tasks kinds` */
export async function run(options: GlobalOptions): Promise<void> {
  const { kinds } = await withContext(options, ({ tasks }) => tasks.overview());
  await printRows(kinds, kindView, options);
}
