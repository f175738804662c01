import type { User } from "../../src/domain/user.ts";
import type { View } from "../../src/runtime/cli/output.ts";

/** How users are printed. */
export const userView: View<User> = {
  columns: [
    { head: "USER", cell: ({ username }) => username },
    { head: "EMAIL", cell: ({ email }) => email },
    { head: "STATE", cell: ({ disabledAt }) => (disabledAt === null ? "enabled" : "disabled") },
    { head: "CREATED", cell: ({ createdAt }) => new Date(createdAt).toISOString() },
    { head: "ID", cell: ({ id }) => id },
  ],
  json: ({ id, username, email, disabledAt, quota, createdAt }) => ({
    id,
    username,
    email,
    state: disabledAt === null ? "enabled" : "disabled",
    quota,
    createdAt: new Date(createdAt).toISOString(),
  }),
  name: ({ username }) => username,
};
