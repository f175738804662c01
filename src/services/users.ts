import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { User } from "../domain/user.ts";

/** Users in PostgreSQL. Every change is one transaction with its audit entry. */
export interface UserStore {
  /** @throws RigError ALREADY_EXISTS */
  insert(user: User, entry: AuditEntry): Promise<void>;
  /** By id or by username; null where there is none. */
  find(idOrName: string): Promise<User | null>;
  list(): Promise<User[]>;
  setDisabledAt(userId: string, disabledAt: number | null, entry: AuditEntry): Promise<User>;
}

/** The use cases on users, as routes and commands call them. */
export interface Users {
  add(input: { username: string; email: string }, actor: Actor): Promise<User>;
  list(): Promise<User[]>;
  /** @throws RigError USER_NOT_FOUND */
  get(idOrName: string): Promise<User>;
  /** Disabling also drops the user's live publishes. Safe to repeat. */
  setDisabled(idOrName: string, disabled: boolean, actor: Actor): Promise<User>;
}
