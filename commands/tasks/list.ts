import type { TaskState } from "../../src/domain/task.ts";
import { printRows } from "../../src/runtime/cli/output.ts";
import { readWhole } from "../../src/runtime/cli/read-number.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { taskView } from "./task-view.ts";

interface ListOptions extends GlobalOptions {
  readonly kind?: string;
  readonly state?: TaskState;
  /** As typed. */
  readonly limit: string;
}

/** The longest list that may be asked for. */
export const MAX_LIMIT = 100_000;

/** `rig tasks list [--kind KIND] [--state STATE] [--limit N]` */
export async function run({ kind, state, ...options }: ListOptions): Promise<void> {
  const choice = { kind: kind ?? null, state: state ?? null, limit: readWhole("--limit", options.limit, 1, MAX_LIMIT) };
  const tasks = await withContext(options, (context) => context.tasks.list(choice));
  await printRows(tasks, taskView, options);
}
