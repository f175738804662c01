import { confirm } from "../../src/runtime/cli/confirm.ts";
import { printOne, type View } from "../../src/runtime/cli/output.ts";
import { writeWord } from "../../src/runtime/cli/write.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";

/** `rig tasks redrive [KIND] [--yes]` */
export async function run(options: GlobalOptions & { yes?: boolean }, kind?: string): Promise<void> {
  const whose = kind === undefined ? "of all kinds" : `of kind ${kind}`;
  const redriven = await withContext(options, async ({ tasks, actor }) =>
    (await confirm(`Run all dead tasks ${whose} again?`, options)) ? tasks.redrive(kind ?? null, actor) : null,
  );
  if (redriven === null) await writeWord("Nothing is redriven.\n");
  else await printOne({ kind: kind ?? null, redriven }, redrivenView, options);
}

const redrivenView: View<{ kind: string | null; redriven: number }> = {
  columns: [
    { head: "KIND", cell: ({ kind }) => kind ?? "all" },
    { head: "REDRIVEN", cell: ({ redriven }) => String(redriven) },
  ],
  json: (row) => row,
  name: ({ redriven }) => String(redriven),
};
