import type { Bytes } from "../state/bytes.ts";
import { isTombstone, type KeyRecord, type LeaseId, NO_LEASE } from "../state/record.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** One key put (with a value) or removed (value null). */
export interface Change {
  readonly key: Bytes;
  readonly value: Bytes | null;
  readonly lease: LeaseId;
}

/** One step of the store's state, as the log keeps it. Replaying all in order gives the same state. */
export type Entry =
  | { readonly kind: "changes"; readonly revision: number; readonly changes: readonly Change[] }
  | { readonly kind: "grant"; readonly lease: LeaseId; readonly ttlSeconds: number }
  | { readonly kind: "revoke"; readonly lease: LeaseId }
  | { readonly kind: "compact"; readonly revision: number }
  | { readonly kind: "alarm"; readonly noSpace: boolean };

const KIND = { changes: 1, grant: 2, revoke: 3, compact: 4, alarm: 5 } as const;
const PUT = 1;
const LEASED = 2;

/** The change that a record made. */
export const changeOf = (record: KeyRecord): Change => ({
  key: record.key,
  value: isTombstone(record) ? null : record.value,
  lease: record.lease,
});

/** Appends one entry. */
export function writeEntry(to: ByteWriter, entry: Entry): void {
  to.byte(KIND[entry.kind]);
  switch (entry.kind) {
    case "changes":
      to.number(entry.revision);
      to.number(entry.changes.length);
      for (const change of entry.changes) writeChange(to, change);
      return;
    case "grant":
      to.lease(entry.lease);
      to.number(entry.ttlSeconds);
      return;
    case "revoke":
      to.lease(entry.lease);
      return;
    case "compact":
      to.number(entry.revision);
      return;
    case "alarm":
      to.byte(entry.noSpace ? 1 : 0);
  }
}

function writeChange(to: ByteWriter, { key, value, lease }: Change): void {
  to.byte((value === null ? 0 : PUT) | (lease === NO_LEASE ? 0 : LEASED));
  to.bytes(key);
  if (value !== null) to.bytes(value);
  if (lease !== NO_LEASE) to.lease(lease);
}

/** Reads the next entry. @throws RangeError on bytes that are none */
export function readEntry(from: ByteReader): Entry {
  const kind = from.byte();
  switch (kind) {
    case KIND.changes: {
      const revision = from.number();
      const changes: Change[] = [];
      for (let left = from.number(); left > 0; left--) changes.push(readChange(from));
      return { kind: "changes", revision, changes };
    }
    case KIND.grant:
      return { kind: "grant", lease: from.lease(), ttlSeconds: from.number() };
    case KIND.revoke:
      return { kind: "revoke", lease: from.lease() };
    case KIND.compact:
      return { kind: "compact", revision: from.number() };
    case KIND.alarm:
      return { kind: "alarm", noSpace: from.byte() === 1 };
    default:
      throw new RangeError(`an entry of unknown kind ${kind}`);
  }
}

function readChange(from: ByteReader): Change {
  const flags = from.byte();
  return {
    key: from.bytes(),
    value: flags & PUT ? from.bytes() : null,
    lease: flags & LEASED ? from.lease() : NO_LEASE,
  };
}
