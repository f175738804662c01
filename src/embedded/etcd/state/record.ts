import type { Bytes } from "./bytes.ts";

/** A lease's id as a decimal string, since ids exceed 2^53. */
export type LeaseId = string;

/** What stands in a record that hangs on no lease. */
export const NO_LEASE: LeaseId = "0";

/** One version of one key. A delete is a record too, with version 0; what it replaced hangs on `older`. */
export interface KeyRecord {
  readonly key: Bytes;
  readonly value: Bytes;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Puts since the key was created; 0 marks a delete. */
  readonly version: number;
  readonly lease: LeaseId;
  /** The version before this one; null where there was none, or where compaction removed it. */
  older: KeyRecord | null;
}

/** True where the record says that the key is gone. */
export const isTombstone = (record: KeyRecord): boolean => record.version === 0;

/** The version of a key that a reader at this revision sees; null where there is none. */
export function visibleAt(newest: KeyRecord | null | undefined, revision: number): KeyRecord | null {
  let record = newest ?? null;
  while (record !== null && record.modRevision > revision) record = record.older;
  return record === null || record.version === 0 ? null : record;
}

/**
 * What an event's `prev_kv` is: what stood before the revision, also where a transaction wrote the key twice; as in etcd
 * a put that creates its key has none, even where the same transaction removed it first.
 */
export const replacedBy = (event: KeyRecord): KeyRecord | null =>
  event.createRevision === event.modRevision ? null : visibleAt(event.older, event.modRevision - 1);

/** What a record takes in memory beside its key and value, roughly. */
export const RECORD_OVERHEAD_BYTES = 120;

/** The memory that a record takes, roughly. */
export const recordBytes = (record: KeyRecord): number =>
  record.key.length + record.value.length + RECORD_OVERHEAD_BYTES;
