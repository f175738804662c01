import type { View } from "../../src/runtime/cli/output.ts";

/** What is printed of a task that a command changed. */
export const changedTaskView: View<{ id: string; state: string }> = {
  columns: [
    { head: "TASK", cell: ({ id }) => id },
    { head: "STATE", cell: ({ state }) => state },
  ],
  json: (row) => row,
  name: ({ id }) => id,
};

/** What is printed of a kind that a command changed; `changed` is false where it was already so. */
export const changedKindView: View<{ kind: string; paused: boolean; changed: boolean }> = {
  columns: [
    { head: "KIND", cell: ({ kind }) => kind },
    {
      head: "STATE",
      cell: ({ paused, changed }) => `${paused ? "paused" : "not paused"}${changed ? "" : ", as before"}`,
    },
  ],
  json: (row) => row,
  name: ({ kind }) => kind,
};
