import { RigError } from "../domain/errors.ts";
import type { User } from "../domain/user.ts";
import type { UserQuota } from "../domain/user-quota.ts";
import type { StoredUserChange, UserStore } from "../services/users.ts";
import { appendAudit } from "./audit.ts";
import type { Database, Queryable } from "./database.ts";
import { isDuplicate } from "./errors.ts";
import { toDate } from "./instants.ts";

const QUOTA_COLUMNS: Readonly<Record<keyof UserQuota, string>> = {
  viewerTokens: "viewer_tokens",
  viewerTokensPerDevice: "viewer_tokens_per_device",
  viewerTokensPerContent: "viewer_tokens_per_content",
};

/** The quota in a row of `users`, which the statement calls `table`, under the names of UserQuota. */
export const quotaIn = (table: string): string =>
  `json_build_object(${Object.entries(QUOTA_COLUMNS).map(([field, column]) => `'${field}', ${table}.${column}`)})`;

/** A row's columns under the names of User. */
const COLUMNS = `users.id, users.username, users.email, users.disabled_at as "disabledAt", ${quotaIn("users")} as quota,
  users.created_at as "createdAt"`;

const VIEWER_READ_MS = 1_000; // no viewer waits longer, and a connection that hangs is given up

/** Reads one user, by id or username, for viewers who do not wait long; null where there is none. */
export const userReader = (database: Queryable) => (idOrName: string) =>
  findUser(database, idOrName, { timeoutMs: VIEWER_READ_MS });

/** Users in PostgreSQL. */
export function userStore(database: Database): UserStore {
  return {
    async insert(user, entry) {
      try {
        await database.transaction(async (tx) => {
          const { id, username, email, disabledAt, createdAt, quota } = user;
          await tx.query(
            `insert into users (id, username, email, disabled_at, created_at, ${Object.values(QUOTA_COLUMNS)})
             values ($1, $2, $3, $4, $5, $6, $7, $8)`,
            [
              ...[id, username, email, toDate(disabledAt), toDate(createdAt)],
              ...[quota.viewerTokens, quota.viewerTokensPerDevice, quota.viewerTokensPerContent],
            ],
          );
          await appendAudit(tx, [entry]);
        });
      } catch (error) {
        if (!isDuplicate(error, "users_username_unique")) throw error;
        throw new RigError("ALREADY_EXISTS", `username ${user.username} is taken`, { cause: error });
      }
    },
    find: (idOrName) => findUser(database, idOrName),
    list: () => database.query<User>(`select ${COLUMNS} from users order by username`),
    update: (userId, change, entries) =>
      database.transaction(async (tx) => {
        const user = await updateRow(tx, userId, change);
        if (change.disabledAt != null)
          await tx.query(
            "update publishes set drop_reason = coalesce(drop_reason, 'user disabled') where user_id = $1 and ended_at is null",
            [userId],
          );
        await appendAudit(tx, entries);
        return user;
      }),
    remove: (userId, entry) =>
      database.transaction(async (tx) => {
        const users = await tx.query("select from users where id = $1 for update", [userId]);
        if (users.length === 0) throw new RigError("USER_NOT_FOUND", `no user ${userId}`);
        const open = await tx.query("select from publishes where user_id = $1 and ended_at is null", [userId]);
        if (open.length > 0)
          throw new RigError("CONFLICT", "the user has a live stream", {
            hint: "Disable the user, which drops it, and remove the user when its last usage is in.",
          });
        for (const statement of REMOVE_USER) await tx.query(statement, [userId]);
        await appendAudit(tx, [entry]);
      }),
  };
}

async function findUser(database: Queryable, idOrName: string, options?: { timeoutMs: number }): Promise<User | null> {
  const sql = `select ${COLUMNS} from users where id = $1 or username = $1`;
  const [user] = await database.query<User>(sql, [idOrName], options);
  return user ?? null;
}

async function updateRow(tx: Queryable, userId: string, { disabledAt, quota = {} }: StoredUserChange): Promise<User> {
  const columns: [name: string, value: unknown][] = (Object.keys(quota) as (keyof UserQuota)[]).map((field) => [
    QUOTA_COLUMNS[field],
    quota[field],
  ]);
  if (disabledAt !== undefined) columns.push(["disabled_at", toDate(disabledAt)]);
  const set = columns.map(([name], index) => `${name} = $${index + 2}`); // names of this file alone, never a caller's text
  const [user] = await tx.query<User>(`update users set ${set} where id = $1 returning ${COLUMNS}`, [
    userId,
    ...columns.map(([, value]) => value),
  ]);
  if (!user) throw new RigError("USER_NOT_FOUND", `no user ${userId}`);
  return user;
}

/** All that hangs on a user, leaves first. */
const REMOVE_USER = [
  "delete from destination_usage using publishes where publishes.id = publish_id and publishes.user_id = $1",
  "delete from publishes where user_id = $1",
  "delete from usage_ledgers where user_id = $1",
  "delete from destinations using streams where streams.id = stream_id and streams.user_id = $1",
  "delete from stream_keys using streams where streams.id = stream_id and streams.user_id = $1",
  "delete from streams where user_id = $1",
  "delete from users where id = $1",
];
