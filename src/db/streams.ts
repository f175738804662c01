import { RigError } from "../domain/errors.ts";
import type { Stream, StreamKey } from "../domain/stream.ts";
import type { StreamStore } from "../services/streams.ts";
import { appendAudit } from "./audit.ts";
import type { Database, Queryable } from "./database.ts";
import { toDate } from "./instants.ts";

/** A row's columns under the names of Stream. */
export const STREAM_COLUMNS = `streams.id, streams.user_id as "userId", streams.title, streams.revision, streams.created_at as "createdAt"`;

/** Streams and stream keys in PostgreSQL. */
export function streamStore(database: Database): StreamStore {
  return {
    insert: (stream, key, keyHash, entry) =>
      database.transaction(async (tx) => {
        await tx.query("insert into streams (id, user_id, title, revision, created_at) values ($1, $2, $3, $4, $5)", [
          stream.id,
          stream.userId,
          stream.title,
          stream.revision,
          toDate(stream.createdAt),
        ]);
        await insertKey(tx, key, keyHash);
        await appendAudit(tx, [entry]);
      }),
    async find(streamId) {
      const [stream] = await database.query<Stream>(
        `select ${STREAM_COLUMNS} from streams where id = $1 and removed_at is null`,
        [streamId],
      );
      return stream ?? null;
    },
    list: (userId) =>
      database.query<Stream & { username: string }>(
        `select ${STREAM_COLUMNS}, users.username from streams join users on users.id = streams.user_id
          where removed_at is null and ($1::text is null or streams.user_id = $1) order by streams.id`,
        [userId ?? null],
      ),
    replaceKeys: (key, keyHash, entry) =>
      database.transaction(async (tx) => {
        const found = await tx.query("select from streams where id = $1 and removed_at is null for update", [
          key.streamId,
        ]);
        if (found.length === 0) throw new RigError("STREAM_NOT_FOUND", `no stream ${key.streamId}`);
        await tx.query("update stream_keys set revoked_at = $2 where stream_id = $1 and revoked_at is null", [
          key.streamId,
          toDate(key.createdAt),
        ]);
        await insertKey(tx, key, keyHash);
        await tx.query(
          `update publishes set drop_reason = coalesce(drop_reason, 'stream key revoked')
            where stream_id = $1 and ended_at is null`,
          [key.streamId],
        );
        await appendAudit(tx, [entry]);
      }),
    remove: (streamId, removedAt, entry) =>
      database.transaction(async (tx) => {
        const removed = await tx.query(
          `update streams set removed_at = $2, revision = revision + 1 where id = $1 and removed_at is null returning id`,
          [streamId, toDate(removedAt)],
        );
        if (removed.length === 0) throw new RigError("STREAM_NOT_FOUND", `no stream ${streamId}`);
        await tx.query("update stream_keys set revoked_at = coalesce(revoked_at, $2) where stream_id = $1", [
          streamId,
          toDate(removedAt),
        ]);
        await tx.query("delete from destinations where stream_id = $1", [streamId]);
        await tx.query(
          `update publishes set drop_reason = coalesce(drop_reason, 'stream removed')
            where stream_id = $1 and ended_at is null`,
          [streamId],
        );
        await appendAudit(tx, [entry]);
      }),
  };
}

async function insertKey(tx: Queryable, key: StreamKey, keyHash: Buffer): Promise<void> {
  await tx.query(
    `insert into stream_keys (id, stream_id, label, key_hash, created_at, expires_at, revoked_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [key.id, key.streamId, key.label, keyHash, toDate(key.createdAt), toDate(key.expiresAt), toDate(key.revokedAt)],
  );
}
