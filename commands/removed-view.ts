import type { View } from "../src/runtime/cli/output.ts";

/** What is printed of something that is gone. */
export const removedView: View<{ id: string }> = {
  columns: [{ head: "REMOVED", cell: ({ id }) => id }],
  json: ({ id }) => ({ id, state: "removed" }),
  name: ({ id }) => id,
};
