import type { Destination } from "../domain/destination.ts";
import { isRigError, RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { Secret } from "../domain/secret.ts";
import type { DestinationStore, TargetStore } from "../services/destinations.ts";
import { appendAudit } from "./audit.ts";
import type { Database, Queryable } from "./database.ts";
import { toDate } from "./instants.ts";
import type { Sealed, Sealer } from "./seal.ts";

const COLUMNS = `destinations.id, destinations.stream_id as "streamId", destinations.service, destinations.server,
  destinations.url, destinations.enabled, destinations.created_at as "createdAt", destinations.revision,
  destinations.retry_seq as "retrySeq"`;

/** Destinations in PostgreSQL; their destination keys are sealed here and never leave with a `Destination`. */
export function destinationStore(database: Database, sealer: Sealer): DestinationStore {
  return {
    insert: (destination, destinationKey, entry) =>
      database.transaction(async (tx) => {
        const { id, streamId, service, server, url, enabled, revision, retrySeq, createdAt } = destination;
        const streamRevision = await raiseRevision(tx, streamId);
        const { sealKeyId, sealed } = sealer.seal(destinationKey, sealedPlace(id));
        await tx.query(
          `insert into destinations
             (id, stream_id, service, server, url, seal_key_id, sealed_key, enabled, revision, retry_seq, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
          [id, streamId, service, server, url, sealKeyId, sealed, enabled, revision, retrySeq, toDate(createdAt)],
        );
        await appendAudit(tx, [entry]);
        return streamRevision;
      }),
    async find(destinationId) {
      const sql = `select ${COLUMNS} from destinations where id = $1`;
      const [destination] = await database.query<Destination>(sql, [destinationId]);
      return destination ?? null;
    },
    list: (streamId) =>
      database.query<Destination>(`select ${COLUMNS} from destinations where stream_id = $1 order by id`, [streamId]),
    update: (destinationId, change, entry) =>
      database.transaction(async (tx) => {
        const streamRevision = await raiseRevision(tx, await streamOf(tx, destinationId));
        const destination = await updateRow(tx, sealer, destinationId, change);
        await appendAudit(tx, [entry]);
        return { destination, streamRevision };
      }),
    remove: (destinationId, entry) =>
      database.transaction(async (tx) => {
        const streamRevision = await raiseRevision(tx, await streamOf(tx, destinationId));
        const gone = await tx.query("delete from destinations where id = $1 returning id", [destinationId]);
        if (gone.length === 0) throw notFound(destinationId);
        await appendAudit(tx, [entry]);
        return streamRevision;
      }),
  };
}

/** Opens destination keys. One that does not open is left out and logged: it must not stop the others. */
export function targetStore(database: Database, sealer: Sealer, log: Log): TargetStore {
  return {
    async targets(streamId) {
      const rows = await database.query<Partial<Destination> & Sealed & { streamRevision: number }>(
        // one statement: the revision and the rows are of one moment
        `select streams.revision as "streamRevision", ${COLUMNS},
                destinations.seal_key_id as "sealKeyId", destinations.sealed_key as sealed
           from streams left join destinations on destinations.stream_id = streams.id and destinations.enabled
          where streams.id = $1 order by destinations.id`,
        [streamId],
      );
      const [first] = rows;
      if (!first) throw new RigError("STREAM_NOT_FOUND", `no stream ${streamId}`);
      const targets = rows.flatMap(({ streamRevision: _, sealKeyId, sealed, ...row }) => {
        if (row.id == null) return []; // no destination at all
        const destination = row as Destination;
        try {
          return [{ destination, destinationKey: sealer.open({ sealKeyId, sealed }, sealedPlace(destination.id)) }];
        } catch (error) {
          if (!isRigError(error)) throw error;
          log.error({ destinationId: destination.id, err: error }, "destination key does not open");
          return [];
        }
      });
      return { revision: first.streamRevision, targets };
    },
  };
}

const sealedPlace = (destinationId: string): string => `destinations.sealed_key.${destinationId}`;

const notFound = (destinationId: string) => new RigError("DESTINATION_NOT_FOUND", `no destination ${destinationId}`);

/** Locks the stream's row first, so changes of one stream come one after the other. */
async function raiseRevision(tx: Queryable, streamId: string): Promise<number> {
  const sql = "update streams set revision = revision + 1 where id = $1 returning revision";
  const [row] = await tx.query<{ revision: number }>(sql, [streamId]);
  if (!row) throw new RigError("STREAM_NOT_FOUND", `no stream ${streamId}`);
  return row.revision;
}

async function streamOf(tx: Queryable, destinationId: string): Promise<string> {
  const sql = `select stream_id as "streamId" from destinations where id = $1`;
  const [row] = await tx.query<{ streamId: string }>(sql, [destinationId]);
  if (!row) throw notFound(destinationId);
  return row.streamId;
}

async function updateRow(
  tx: Queryable,
  sealer: Sealer,
  destinationId: string,
  change: {
    url?: string;
    service?: string | null;
    server?: string | null;
    key?: Secret;
    enabled?: boolean;
    retry?: true;
  },
): Promise<Destination> {
  const { retry, key, ...plain } = change;
  const sealed = key && sealer.seal(key, sealedPlace(destinationId));
  const columns: Record<string, unknown> = {
    ...plain,
    ...(sealed && { seal_key_id: sealed.sealKeyId, sealed_key: sealed.sealed }),
  };
  const names = Object.keys(columns); // of this file and its types alone, never a caller's text
  const counter = retry ? "retry_seq = retry_seq + 1" : "revision = revision + 1";
  const [destination] = await tx.query<Destination>(
    `update destinations set ${[counter, ...names.map((name, index) => `${name} = $${index + 2}`)].join(", ")}
      where id = $1 returning ${COLUMNS}`,
    [destinationId, ...Object.values(columns)],
  );
  if (!destination) throw notFound(destinationId);
  return destination;
}
