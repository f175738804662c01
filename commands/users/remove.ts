import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { removedView } from "../removed-view.ts";
import { withContext } from "../with-context.ts";

/** `rig users remove USER`: with all that hangs on the user, usage included; the audit trail stays. */
export async function run(options: GlobalOptions, user: string): Promise<void> {
  await withContext(options, ({ users, actor }) => users.remove(user, actor));
  await printOne({ id: user }, removedView, options);
}
