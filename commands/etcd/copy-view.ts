import type { View } from "../../src/runtime/cli/output.ts";

/** A store that was copied. */
interface Copy {
  readonly folder: string;
  readonly revision: number;
  readonly keys: number;
}

export const copyView: View<Copy> = {
  columns: [
    { head: "FOLDER", cell: ({ folder }) => folder },
    { head: "REVISION", cell: ({ revision }) => String(revision) },
    { head: "KEYS", cell: ({ keys }) => String(keys) },
  ],
  json: (copy) => copy,
  name: ({ folder }) => folder,
};
