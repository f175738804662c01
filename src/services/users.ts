import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { checkEmail, checkUsername, type User } from "../domain/user.ts";
import type { Ids } from "./ids.ts";
import type { DropRequests, PublishStore } from "./publishes.ts";

/** Users in PostgreSQL. Every change is one transaction with its audit entry. */
export interface UserStore {
  /** @throws RigError ALREADY_EXISTS */
  insert(user: User, entry: AuditEntry): Promise<void>;
  /** By id or by username; null where there is none. */
  find(idOrName: string): Promise<User | null>;
  list(): Promise<User[]>;
  setDisabledAt(userId: string, disabledAt: number | null, entry: AuditEntry): Promise<User>;
  /** With all that hangs on the user, usage included; the audit trail stays. @throws RigError CONFLICT while a publish is open */
  remove(userId: string, entry: AuditEntry): Promise<void>;
}

/** The use cases on users, as routes and commands call them. */
export interface Users {
  add(input: { username: string; email: string }, actor: Actor): Promise<User>;
  list(): Promise<User[]>;
  /** @throws RigError USER_NOT_FOUND */
  get(idOrName: string): Promise<User>;
  /** Disabling also drops the user's live publishes. Safe to repeat. */
  setDisabled(idOrName: string, disabled: boolean, actor: Actor): Promise<User>;
  /** Removes the user for good, with streams, destinations and usage. @throws RigError USER_NOT_FOUND; CONFLICT while live */
  remove(idOrName: string, actor: Actor): Promise<void>;
}

export interface UserPorts {
  readonly users: UserStore;
  readonly publishes: Pick<PublishStore, "listOpen">;
  readonly drops: DropRequests;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "ulid">;
  readonly log: Log;
}

/** The use cases on users over their store. */
export function userService({ users, publishes, drops, clock, ids, log }: UserPorts): Users {
  const get = async (idOrName: string): Promise<User> => {
    const user = await users.find(idOrName);
    if (!user) throw new RigError("USER_NOT_FOUND", `no user ${JSON.stringify(idOrName)}`);
    return user;
  };
  return {
    get,
    list: () => users.list(),
    async add({ username, email }, actor) {
      const at = clock.now();
      const user = {
        id: ids.ulid(),
        username: checkUsername(username),
        email: checkEmail(email),
        disabledAt: null,
        createdAt: at,
      };
      await users.insert(user, { at, actor, action: "user.add", subject: user.id, detail: { username } });
      return user;
    },
    async setDisabled(idOrName, disabled, actor) {
      let user = await get(idOrName);
      if ((user.disabledAt !== null) !== disabled) {
        const at = clock.now();
        const action = disabled ? "user.disable" : "user.enable";
        const entry = { at, actor, action, subject: user.id, detail: { username: user.username } };
        user = await users.setDisabledAt(user.id, disabled ? at : null, entry);
      }
      if (disabled) await dropPublishesOf(user.id); // also the second time: the first may have failed halfway
      return user;
    },
    async remove(idOrName, actor) {
      const { id, username } = await get(idOrName);
      await users.remove(id, { at: clock.now(), actor, action: "user.remove", subject: id, detail: { username } });
    },
  };

  /** The store has noted the drops, so that usage answers tell them; this is the quick way. */
  async function dropPublishesOf(userId: string): Promise<void> {
    for (const { streamId } of await publishes.listOpen(userId))
      try {
        await drops.drop(streamId, "user disabled");
      } catch (error) {
        log.warn({ streamId, err: error }, "drop comes with the next usage report");
      }
  }
}
