import type { Entry } from "../log/entry.ts";
import { changeOf } from "../log/entry.ts";
import type { Snapshot } from "../log/snapshot-file.ts";
import { refuse } from "../store-error.ts";
import { checkOperation } from "./check.ts";
import { costOf } from "./cost.ts";
import { checkDuplicateKeys } from "./duplicate-keys.ts";
import { Keyspace } from "./keyspace.ts";
import { type Lease, Leases } from "./leases.ts";
import { readRange } from "./range.ts";
import { type LeaseId, NO_LEASE } from "./record.ts";
import type { Operation, OperationResult } from "./requests.ts";
import { applyOperation } from "./txn.ts";

// as etcd: more seconds than these overflow a duration
const MAX_LEASE_TTL_SECONDS = 9_000_000_000;
// as etcd counts it
const LEASE_BYTES = 64;

interface Options {
  /** The lease clock, see lease-clock.ts. */
  readonly leaseNow: () => number;
  /** A lease that asks for less gets this much. */
  readonly minLeaseTtlSeconds: number;
  /** Puts and leases that need more raise the alarm NOSPACE. */
  readonly quotaBytes: number;
  /** A random positive lease id. */
  readonly newLeaseId: () => LeaseId;
  /** Takes each step down once it is applied; nobody may hear of it before it is on disk. */
  readonly log: (entry: Entry) => void;
}

/** The whole state of the store in memory, and the steps that change it. It knows neither disk nor network. */
export class Machine {
  readonly keyspace = new Keyspace();
  readonly leases: Leases;
  #noSpace = false;
  #options: Options;

  constructor(options: Options) {
    this.#options = options;
    this.leases = new Leases(options.leaseNow);
  }

  /** True while the alarm NOSPACE is on: nothing is put and no lease granted, reads and deletes go on. */
  get noSpace(): boolean {
    return this.#noSpace;
  }

  /** Turns the alarm NOSPACE on or off; it outlives a restart. */
  alarm(noSpace: boolean): void {
    if (noSpace === this.#noSpace) return;
    this.#noSpace = noSpace;
    this.#options.log({ kind: "alarm", noSpace });
  }

  /** Performs one operation as a transaction of its own. @throws StoreError: then nothing but the alarm has changed */
  perform(operation: Operation): OperationResult {
    const cost = costOf(operation);
    this.#checkQuota(cost);
    checkOperation(operation);
    if (operation.op === "txn") checkDuplicateKeys(operation);
    if (cost > 0 && this.#noSpace) throw refuse.noSpace();
    if (operation.op === "range") return readRange(this.keyspace, operation);
    let result: OperationResult;
    try {
      result = applyOperation(this, operation);
    } catch (error) {
      this.keyspace.rollback(); // a put may need a key that its own transaction deleted: etcd itself dies of it
      throw error;
    }
    const changes = this.keyspace.commit();
    if (changes.length === 0) return result;
    this.leases.follow(changes);
    this.#options.log({ kind: "changes", revision: this.keyspace.revision, changes: changes.map(changeOf) });
    return result;
  }

  #checkQuota(cost: number): void {
    if (cost === 0 || this.keyspace.bytes + cost <= this.#options.quotaBytes) return;
    this.alarm(true);
    throw refuse.noSpace();
  }

  /** @param id "0": the store chooses. @throws StoreError */
  grant(id: LeaseId, ttlSeconds: number): Lease {
    this.#checkQuota(LEASE_BYTES);
    if (this.#noSpace) throw refuse.noSpace();
    if (ttlSeconds > MAX_LEASE_TTL_SECONDS) throw refuse.leaseTtlTooLarge();
    let lease = id;
    while (lease === NO_LEASE || (id === NO_LEASE && this.leases.has(lease))) lease = this.#options.newLeaseId();
    if (this.leases.has(lease)) throw refuse.leaseExists();
    const granted = Math.max(ttlSeconds, this.#options.minLeaseTtlSeconds);
    const made = this.leases.grant(lease, granted);
    this.#options.log({ kind: "grant", lease, ttlSeconds: granted });
    return made;
  }

  /** Ends a lease and removes its keys, in one revision. @throws StoreError */
  revoke(id: LeaseId): void {
    if (!this.leases.has(id)) throw refuse.leaseNotFound();
    this.#endLease(id);
    this.#options.log({ kind: "revoke", lease: id });
  }

  /** Forgets what only readers below `revision` could see. @throws StoreError */
  compact(revision: number): void {
    if (revision <= this.keyspace.compactRevision) throw refuse.compacted();
    if (revision > this.keyspace.revision) throw refuse.futureRevision();
    this.keyspace.compact(revision);
    this.#options.log({ kind: "compact", revision });
  }

  /** Takes a step that the log brought back. @throws RangeError where it does not follow the one before */
  replay(entry: Entry): void {
    switch (entry.kind) {
      case "changes":
        if (entry.revision !== this.keyspace.revision + 1)
          throw new RangeError(`revision ${entry.revision} behind ${this.keyspace.revision}`);
        for (const { key, value, lease } of entry.changes)
          if (value === null) this.keyspace.remove({ start: key, end: null });
          else this.keyspace.put(key, value, lease);
        this.leases.follow(this.keyspace.commit());
        return;
      case "grant":
        this.leases.grant(entry.lease, entry.ttlSeconds);
        return;
      case "revoke":
        this.#endLease(entry.lease);
        return;
      case "compact":
        this.keyspace.compact(entry.revision);
        this.keyspace.trim(entry.revision, () => false);
        return;
      case "alarm":
        this.#noSpace = entry.noSpace;
    }
  }

  /** Starts over from a snapshot. */
  restore({ revision, leases, noSpace, records }: Snapshot): void {
    this.#noSpace = noSpace;
    for (const { lease, ttlSeconds } of leases) this.leases.grant(lease, ttlSeconds);
    this.keyspace.restore(revision, records);
    this.leases.follow(records);
  }

  #endLease(id: LeaseId): void {
    const keys = [...(this.leases.get(id)?.keys ?? [])].sort();
    for (const key of keys) this.keyspace.remove({ start: key, end: null });
    this.leases.follow(this.keyspace.commit());
    this.leases.remove(id);
  }
}
