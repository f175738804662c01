import { confirm } from "../../src/runtime/cli/confirm.ts";
import { printOne, type View } from "../../src/runtime/cli/output.ts";
import { writeWord } from "../../src/runtime/cli/write.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";

/** `rig tasks resend [TASK] [--yes]`; what is refused again is listed again, with its reason. */
export async function run(options: GlobalOptions & { yes?: boolean }, taskId?: string): Promise<void> {
  const which = taskId === undefined ? "all refused orders" : `the refused order ${taskId}`;
  const resent = await withContext(options, async ({ tasks, actor }) =>
    (await confirm(`Send ${which} again?`, options)) ? tasks.resend(taskId ?? null, actor) : null,
  );
  if (resent === null) await writeWord("Nothing is sent again.\n");
  else await printOne({ id: taskId ?? null, resent }, resentView, options);
}

const resentView: View<{ id: string | null; resent: number }> = {
  columns: [
    { head: "TASK", cell: ({ id }) => id ?? "all" },
    { head: "RESENT", cell: ({ resent }) => String(resent) },
  ],
  json: (row) => row,
  name: ({ resent }) => String(resent),
};
