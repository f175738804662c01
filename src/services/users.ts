import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { checkEmail, checkUsername, type User } from "../domain/user.ts";
import { changedQuota, checkQuota, NO_QUOTA, type UserQuota } from "../domain/user-quota.ts";
import type { Ids } from "./ids.ts";
import type { DropRequests, PublishStore } from "./publishes.ts";

/** Users in PostgreSQL. Every change is one transaction with its audit entry. */
export interface UserStore {
  /** @throws RigError ALREADY_EXISTS */
  insert(user: User, entry: AuditEntry): Promise<void>;
  /** By id or by username; null where there is none. */
  find(idOrName: string): Promise<User | null>;
  list(): Promise<User[]>;
  /** Changes what is named, which must be something; disabling also notes the drop of open publishes. @throws RigError USER_NOT_FOUND */
  update(userId: string, change: StoredUserChange, entries: readonly AuditEntry[]): Promise<User>;
  /** With all that hangs on the user, usage included; the audit trail stays. @throws RigError CONFLICT while a publish is open */
  remove(userId: string, entry: AuditEntry): Promise<void>;
}

/** What of a user is stored anew; the rest stays. */
export interface StoredUserChange {
  readonly disabledAt?: number | null;
  readonly quota?: Partial<UserQuota>;
}

/** What of a user is to be otherwise; the rest stays. */
export interface UserChange {
  readonly disabled?: boolean;
  readonly quota?: Partial<UserQuota>;
}

/** The use cases on users, as routes and commands call them. */
export interface Users {
  add(input: { username: string; email: string }, actor: Actor): Promise<User>;
  list(): Promise<User[]>;
  /** @throws RigError USER_NOT_FOUND */
  get(idOrName: string): Promise<User>;
  /** Disabling also drops the user's live publishes. Safe to repeat. @throws RigError USER_NOT_FOUND, INVALID_INPUT */
  change(idOrName: string, change: UserChange, actor: Actor): Promise<User>;
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
        quota: NO_QUOTA,
        createdAt: at,
      };
      await users.insert(user, { at, actor, action: "user.add", subject: user.id, detail: { username } });
      return user;
    },
    async change(idOrName, { disabled, quota = {} }, actor) {
      checkQuota(quota);
      const user = await get(idOrName);
      const { change, entries } = changeOf(user, { disabled, quota }, { at: clock.now(), actor });
      const changed = entries.length === 0 ? user : await users.update(user.id, change, entries);
      if (disabled) await dropPublishesOf(user.id); // also the second time: the first may have failed halfway
      return changed;
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

interface Wanted {
  readonly disabled: boolean | undefined;
  readonly quota: Partial<UserQuota>;
}

/** What of it is not so already, with an entry for each. */
function changeOf({ id, username, ...user }: User, { disabled, quota }: Wanted, by: Pick<AuditEntry, "at" | "actor">) {
  const entries: AuditEntry[] = [];
  const enter = (action: string, detail: AuditEntry["detail"]) =>
    entries.push({ ...by, action, subject: id, detail: { username, ...detail } });
  const change: { disabledAt?: number | null; quota?: Partial<UserQuota> } = {};
  if (disabled !== undefined && disabled !== (user.disabledAt !== null)) {
    change.disabledAt = disabled ? by.at : null;
    enter(disabled ? "user.disable" : "user.enable", {});
  }
  const otherwise = changedQuota(user.quota, quota);
  if (Object.keys(otherwise).length > 0) {
    change.quota = otherwise;
    enter("user.quota", otherwise);
  }
  return { change, entries };
}
