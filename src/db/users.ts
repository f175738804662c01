import { RigError } from "../domain/errors.ts";
import type { User } from "../domain/user.ts";
import type { UserStore } from "../services/users.ts";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { isDuplicate } from "./errors.ts";
import { toDate } from "./instants.ts";

/** A row's columns under the names of User. */
export const USER_COLUMNS = `users.id, users.username, users.email, users.disabled_at as "disabledAt", users.created_at as "createdAt"`;

/** Users in PostgreSQL. */
export function userStore(database: Database): UserStore {
  return {
    async insert(user, entry) {
      try {
        await database.transaction(async (tx) => {
          await tx.query(
            "insert into users (id, username, email, disabled_at, created_at) values ($1, $2, $3, $4, $5)",
            [user.id, user.username, user.email, toDate(user.disabledAt), toDate(user.createdAt)],
          );
          await appendAudit(tx, [entry]);
        });
      } catch (error) {
        if (!isDuplicate(error, "users_username_unique")) throw error;
        throw new RigError("ALREADY_EXISTS", `username ${user.username} is taken`, { cause: error });
      }
    },
    async find(idOrName) {
      const [user] = await database.query<User>(`select ${USER_COLUMNS} from users where id = $1 or username = $1`, [
        idOrName,
      ]);
      return user ?? null;
    },
    list: () => database.query<User>(`select ${USER_COLUMNS} from users order by username`),
    setDisabledAt: (userId, disabledAt, entry) =>
      database.transaction(async (tx) => {
        const [user] = await tx.query<User>(
          `update users set disabled_at = $2 where id = $1 returning ${USER_COLUMNS}`,
          [userId, toDate(disabledAt)],
        );
        if (!user) throw new RigError("USER_NOT_FOUND", `no user ${userId}`);
        if (disabledAt !== null)
          await tx.query(
            "update publishes set drop_reason = coalesce(drop_reason, 'user disabled') where user_id = $1 and ended_at is null",
            [userId],
          );
        await appendAudit(tx, [entry]);
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
