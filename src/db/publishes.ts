import { RigError } from "../domain/errors.ts";
import type { Stream, StreamKey } from "../domain/stream.ts";
import type { User } from "../domain/user.ts";
import type { Publish, PublishStore } from "../services/publishes.ts";
import { appendAudit } from "./audit.ts";
import { auditWriter } from "./audit-writer.ts";
import type { Database, Queryable } from "./database.ts";
import { toDate } from "./instants.ts";
import { addToOutbox } from "./outbox.ts";
import { quotaIn } from "./users.ts";

const COLUMNS = `id, stream_id as "streamId", stream_key_id as "streamKeyId", user_id as "userId", agent_id as "agentId",
  started_at as "startedAt"`;

/** Publishes in PostgreSQL: one row from the server's yes on, kept for ever. */
export function publishStore(database: Database): PublishStore {
  return {
    findByKeyHash: (keyHash) => findByKeyHash(database, keyHash),
    insert: (publish, entry) =>
      database.transaction(async (tx) => {
        await checkStillAllowed(tx, publish);
        await tx.query(
          `insert into publishes (id, stream_id, stream_key_id, user_id, agent_id, started_at)
           values ($1, $2, $3, $4, $5, $6)`,
          [
            publish.id,
            publish.streamId,
            publish.streamKeyId,
            publish.userId,
            publish.agentId,
            toDate(publish.startedAt),
          ],
        );
        await appendAudit(tx, [entry]);
      }),
    recordRefusal: auditWriter(database),
    async find(publishId) {
      const [publish] = await database.query<Publish & { isOpen: boolean }>(
        `select ${COLUMNS}, ended_at is null as "isOpen" from publishes where id = $1`,
        [publishId],
      );
      return publish ?? null;
    },
    close: (publishId, reason, entry, tasks = []) =>
      database.transaction(async (tx) => {
        const closed = await tx.query(
          "update publishes set ended_at = $2, end_reason = $3 where id = $1 and ended_at is null returning id",
          [publishId, toDate(entry.at), reason],
        );
        if (closed.length > 0) {
          await addToOutbox(tx, tasks, entry.at);
          await appendAudit(tx, [entry]);
        }
        return closed.length > 0;
      }),
    listSilent: (before) =>
      database.query<Publish>(
        `select ${COLUMNS} from publishes
          where ended_at is null and coalesce(last_report_at, started_at) < $1 order by id`,
        [toDate(before)],
      ),
    listOpen: (userId) =>
      database.query<Publish>(`select ${COLUMNS} from publishes where user_id = $1 and ended_at is null order by id`, [
        userId,
      ]),
    requestDrop: (publishId, reason, entry) =>
      database.transaction(async (tx) => {
        const open = await tx.query(
          "update publishes set drop_reason = coalesce(drop_reason, $2) where id = $1 and ended_at is null returning id",
          [publishId, reason],
        );
        if (open.length > 0) await appendAudit(tx, [entry]);
        return open.length > 0;
      }),
  };
}

/**
 * A user may be disabled, or a key revoked, between the decision and the row. The locks make the two wait for each
 * other: either this sees it, or the other one's drop sees the row.
 */
async function checkStillAllowed(tx: Queryable, { userId, streamKeyId }: Publish): Promise<void> {
  const [row] = await tx.query<{ disabled: boolean; revoked: boolean }>(
    `select users.disabled_at is not null as disabled, stream_keys.revoked_at is not null as revoked
       from users, stream_keys where users.id = $1 and stream_keys.id = $2 for share`,
    [userId, streamKeyId],
  );
  if (!row || row.revoked) throw new RigError("STREAM_KEY_REVOKED", "the stream key was revoked");
  if (row.disabled) throw new RigError("USER_DISABLED", "the user is disabled");
}

type OwnerRow = Omit<Stream, "id"> &
  Omit<User, "id" | "createdAt"> &
  Omit<StreamKey, "id" | "createdAt" | "streamId"> & {
    readonly streamId: string;
    readonly streamKeyId: string;
    readonly userCreatedAt: number;
    readonly keyCreatedAt: number;
  };

async function findByKeyHash(database: Database, keyHash: Buffer) {
  const [row] = await database.query<OwnerRow>(
    `select k.id as "streamKeyId", k.label, k.created_at as "keyCreatedAt", k.expires_at as "expiresAt",
            k.revoked_at as "revokedAt", s.id as "streamId", s.title, s.revision, s.created_at as "createdAt",
            u.id as "userId", u.username, u.email, u.disabled_at as "disabledAt", u.created_at as "userCreatedAt",
            ${quotaIn("u")} as quota
       from stream_keys k join streams s on s.id = k.stream_id join users u on u.id = s.user_id
      where k.key_hash = $1`,
    [keyHash],
  );
  if (!row) return null;
  const { streamId, userId, label, expiresAt, revokedAt, title, revision, username, email, disabledAt, quota } = row;
  return {
    key: { id: row.streamKeyId, streamId, label, createdAt: row.keyCreatedAt, expiresAt, revokedAt },
    stream: { id: streamId, userId, title, revision, createdAt: row.createdAt },
    user: { id: userId, username, email, disabledAt, quota, createdAt: row.userCreatedAt },
  };
}
