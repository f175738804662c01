import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { userView } from "./user-view.ts";

/** `rig users enable USER` */
export async function run(options: GlobalOptions, user: string): Promise<void> {
  const changed = await withContext(options, ({ users, actor }) => users.change(user, { disabled: false }, actor));
  await printOne(changed, userView, options);
}
