import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { changedKindView } from "./changed-view.ts";

/** `rig tasks resume KIND` */
export async function run(options: GlobalOptions, kind: string): Promise<void> {
  const changed = await withContext(options, ({ tasks, actor }) => tasks.resume(kind, actor));
  await printOne({ kind, paused: false, changed }, changedKindView, options);
}
