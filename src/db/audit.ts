import { createHash } from "node:crypto";
import type { AuditEntry } from "../domain/audit.ts";
import { ADVISORY_LOCKS } from "./advisory-locks.ts";
import type { Database, Queryable } from "./database.ts";

const GENESIS = Buffer.alloc(32); // what the first entry's hash builds on
const PAGE = 5_000;

interface AuditRow {
  readonly seq: number;
  readonly body: string;
  readonly hash: Buffer;
}

/** An entry with its place in the chain. */
export type StoredAuditEntry = AuditEntry & { readonly seq: number };

/** `brokenAt`: the first entry that is not what was written, or is missing. */
export type AuditVerdict =
  | { readonly intact: true; readonly entries: number }
  | { readonly intact: false; readonly brokenAt: number };

/**
 * Appends to the hash chain, inside the transaction of the change it tells of. Call it last: from here to the commit
 * all other audited changes wait.
 */
export async function appendAudit(tx: Queryable, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  // A statement of its own: inside the next one the snapshot would be older than the lock, and links break.
  await tx.query("select pg_advisory_xact_lock($1)", [ADVISORY_LOCKS.audit]);
  const [last] = await tx.query<AuditRow>("select seq, hash from audit order by seq desc limit 1");
  let { seq, hash } = last ?? { seq: 0, hash: GENESIS };
  const rows = entries.map(({ at, actor, action, subject, detail }) => {
    seq += 1;
    const body = JSON.stringify({ at, actor, action, subject, detail }, storable);
    hash = chain(hash, seq, body);
    return { seq, body, hash };
  });
  await tx.query("insert into audit (seq, body, hash) select * from unnest($1::bigint[], $2::text[], $3::bytea[])", [
    rows.map((row) => row.seq),
    rows.map((row) => row.body),
    rows.map((row) => row.hash),
  ]);
}

/** Half a surrogate pair or a NUL in a text would make PostgreSQL refuse the entry, and with it the change. */
const storable = (_: string, value: unknown): unknown =>
  typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd").replaceAll("\0", "\ufffd") : value;

/** Newest first. */
export async function listAudit(
  database: Queryable,
  { subject, before, limit = 100 }: { subject?: string; before?: number; limit?: number } = {},
): Promise<StoredAuditEntry[]> {
  const rows = await database.query<AuditRow>(
    `select seq, body from audit
      where ($1::text is null or subject = $1) and ($2::bigint is null or seq < $2) order by seq desc limit $3`,
    [subject ?? null, before ?? null, limit],
  );
  return rows.map(({ seq, body }) => ({ seq, ...(JSON.parse(body) as AuditEntry) }));
}

/**
 * Walks the whole chain. It shows an entry that was changed, moved, put in between or taken out; entries taken off the
 * end leave no trace here, so keep the newest hash elsewhere to see that too.
 */
export async function verifyAudit(database: Database): Promise<AuditVerdict> {
  let [seq, hash] = [0, GENESIS as Buffer];
  for (;;) {
    const rows = await database.query<AuditRow>(
      "select seq, body, hash from audit where seq > $1 order by seq limit $2",
      [seq, PAGE],
    );
    for (const row of rows) {
      hash = chain(hash, seq + 1, row.body);
      if (row.seq !== seq + 1 || !hash.equals(row.hash)) return { intact: false, brokenAt: seq + 1 };
      seq = row.seq;
    }
    if (rows.length < PAGE) return { intact: true, entries: seq };
  }
}

const chain = (previous: Buffer, seq: number, body: string): Buffer =>
  createHash("sha256").update(previous).update(`${seq}:`).update(body).digest();
