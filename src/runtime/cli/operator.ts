import { userInfo } from "node:os";
import type { Actor } from "../../domain/audit.ts";

/** Who types: the operating-system user, as the audit trail names them. */
export function localOperator(): Actor {
  return { kind: "operator", id: userName() };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`; // a user without an entry in the password file
  }
}
