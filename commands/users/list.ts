import { printRows } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { userView } from "./user-view.ts";

/** `rig users list` */
export async function run(options: GlobalOptions): Promise<void> {
  await printRows(await withContext(options, ({ users }) => users.list()), userView, options);
}
