import type { Bytes, Span } from "./bytes.ts";
import { History } from "./history.ts";
import { OrderedKeys } from "./ordered-keys.ts";
import { isTombstone, type KeyRecord, type LeaseId, NO_LEASE, recordBytes, visibleAt } from "./record.ts";

/**
 * All keys in all versions since the last compaction, in memory. One transaction at a time puts and removes, then
 * commits: everything it changed bears one revision.
 */
export class Keyspace {
  #keys = new OrderedKeys<KeyRecord>((newest) => !isTombstone(newest));
  #history = new History(2);
  #revision = 1; // as in etcd: an empty store is at 1, the first change makes 2
  #compactRevision = 0;
  #bytes = 0;
  #trimmed = 0; // older versions are cut up to this revision
  #changes: KeyRecord[] = [];

  /** The revision of the last committed transaction. */
  get revision(): number {
    return this.#revision;
  }

  /** The revision that a read inside the open transaction sees. */
  get openRevision(): number {
    return this.#changes.length > 0 ? this.#revision + 1 : this.#revision;
  }

  /** Reads below it are refused. */
  get compactRevision(): number {
    return this.#compactRevision;
  }

  get history(): History {
    return this.#history;
  }

  /** Keys, those with a kept tombstone included. */
  get size(): number {
    return this.#keys.size;
  }

  /** The memory that all kept versions of all keys take, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The key as a reader at this revision sees it. */
  read(key: Bytes, revision: number): KeyRecord | null {
    return visibleAt(this.#keys.get(key), revision);
  }

  /** Calls back for each key of the span as seen at the revision, in order, until `visit` answers false. */
  scan(span: Span, revision: number, visit: (record: KeyRecord) => boolean): void {
    this.#keys.visit(span, (newest) => {
      const record = visibleAt(newest, revision);
      return record === null || visit(record);
    });
  }

  /** How many keys of the span are there now, the open transaction included. Does not look at each. */
  count(span: Span): number {
    return this.#keys.count(span);
  }

  /** Puts into the open transaction; answers the record that was made, with what it replaced under `older`. */
  put(key: Bytes, value: Bytes, lease: LeaseId): KeyRecord {
    const older = this.#keys.get(key) ?? null;
    const fresh = older === null || isTombstone(older);
    const modRevision = this.#revision + 1;
    return this.#change({
      key: older?.key ?? key, // one string for all versions of a key
      value,
      createRevision: fresh ? modRevision : older.createRevision,
      modRevision,
      version: fresh ? 1 : older.version + 1,
      lease,
      older,
    });
  }

  /** Removes every key of the span in the open transaction; answers the records that went. */
  remove(span: Span): KeyRecord[] {
    const gone: KeyRecord[] = [];
    this.scan(span, this.openRevision, (record) => gone.push(record) > 0);
    const modRevision = this.#revision + 1;
    for (const older of gone)
      this.#change({ key: older.key, value: "", createRevision: 0, modRevision, version: 0, lease: NO_LEASE, older });
    return gone;
  }

  #change(record: KeyRecord): KeyRecord {
    this.#keys.set(record);
    this.#changes.push(record);
    this.#bytes += recordBytes(record);
    return record;
  }

  /** Ends the open transaction; answers its changes in order. Where there are none, the revision stays. */
  commit(): readonly KeyRecord[] {
    const changes = this.#changes;
    if (changes.length === 0) return changes;
    this.#changes = [];
    this.#revision += 1;
    this.#history.push(changes);
    return changes;
  }

  /** Ends the open transaction as if it had never been. */
  rollback(): void {
    for (const change of this.#changes.reverse()) {
      const { key, older } = change;
      this.#bytes -= recordBytes(change);
      if (older === null) this.#keys.delete(key);
      else this.#keys.set(older);
    }
    this.#changes = [];
  }

  /** From now on reads below `revision` are refused; memory comes back by `trim`. */
  compact(revision: number): void {
    this.#compactRevision = Math.max(this.#compactRevision, revision);
  }

  /**
   * Frees what only readers below `upTo` could see, until done or `expired()`. Events of `upTo` itself stay, since a
   * watch may start there.
   * @returns true when all is done
   */
  trim(upTo: number, expired: () => boolean): boolean {
    const target = Math.min(upTo, this.#compactRevision);
    while (this.#trimmed < target) {
      if (expired()) return false;
      const revision = Math.max(this.#trimmed + 1, this.#history.first);
      if (revision > target) break;
      for (const change of this.#history.at(revision)) this.#forgetOlder(change);
      this.#trimmed = revision;
      while (this.#history.first < revision) this.#history.shift();
    }
    return true;
  }

  /** Frees the version before this one, and a delete with nothing behind it. */
  #forgetOlder(change: KeyRecord): void {
    if (change.older !== null) this.#bytes -= recordBytes(change.older);
    change.older = null;
    if (!isTombstone(change) || this.#keys.get(change.key) !== change) return;
    this.#keys.delete(change.key);
    this.#bytes -= recordBytes(change);
  }

  /** The key's newest record at or before a revision, a tombstone included: what a snapshot writes down. */
  visitNewest(span: Span, visit: (newest: KeyRecord) => boolean): void {
    this.#keys.visit(span, visit);
  }

  /** Starts over from a snapshot's records, sorted by key. Its history holds the events of that revision alone. */
  restore(revision: number, records: Iterable<KeyRecord>): void {
    const last: KeyRecord[] = [];
    for (const record of records) {
      this.#keys.set(record);
      this.#bytes += recordBytes(record);
      if (record.modRevision === revision) last.push(record);
    }
    this.#revision = revision;
    this.#compactRevision = revision;
    this.#trimmed = revision - 1;
    this.#history = new History(revision);
    this.#history.push(last);
  }
}
