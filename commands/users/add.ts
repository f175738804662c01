import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { userView } from "./user-view.ts";

/** `rig users add NAME --email E` */
export async function run(options: GlobalOptions & { email: string }, username: string): Promise<void> {
  const user = await withContext(options, ({ users, actor }) => users.add({ username, email: options.email }, actor));
  const json = () => ({ id: user.id, username: user.username, email: user.email });
  await printOne(user, { ...userView, json }, options);
}
