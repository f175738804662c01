import type { Bytes } from "./bytes.ts";
import { isTombstone, type KeyRecord, type LeaseId, NO_LEASE } from "./record.ts";

/** A lease with the keys that go when it does. */
export interface Lease {
  readonly id: LeaseId;
  readonly ttlSeconds: number;
  /** On the lease clock. */
  expiresAt: number;
  readonly keys: Set<Bytes>;
}

/** All leases and which keys hang on them. `now` is the lease clock, see lease-clock.ts. */
export class Leases {
  #leases = new Map<LeaseId, Lease>();
  #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#leases.size;
  }

  has(id: LeaseId): boolean {
    return this.#leases.has(id);
  }

  get(id: LeaseId): Lease | undefined {
    return this.#leases.get(id);
  }

  all(): Iterable<Lease> {
    return this.#leases.values();
  }

  grant(id: LeaseId, ttlSeconds: number): Lease {
    const lease = { id, ttlSeconds, expiresAt: this.#now() + ttlSeconds * 1_000, keys: new Set<Bytes>() };
    this.#leases.set(id, lease);
    return lease;
  }

  /** Gives the lease its full time again. */
  renew(lease: Lease): void {
    lease.expiresAt = this.#now() + lease.ttlSeconds * 1_000;
  }

  /** Milliseconds until it ends; 0 or less once it has. */
  remainingMs(lease: Lease): number {
    return lease.expiresAt - this.#now();
  }

  /** Forgets a lease; its keys are the caller's to remove. */
  remove(id: LeaseId): void {
    this.#leases.delete(id);
  }

  /** Those that have ended, the longest ended first. */
  expired(): Lease[] {
    const now = this.#now();
    const ended = [...this.#leases.values()].filter(({ expiresAt }) => expiresAt <= now);
    return ended.sort((a, b) => a.expiresAt - b.expiresAt);
  }

  /** Moves keys between leases after a transaction; to be called with its changes, in order. */
  follow(changes: readonly KeyRecord[]): void {
    for (const change of changes) {
      const { key, lease, older } = change;
      if (older !== null && older.lease !== NO_LEASE && older.lease !== lease) this.get(older.lease)?.keys.delete(key);
      if (lease !== NO_LEASE && !isTombstone(change)) this.get(lease)?.keys.add(key);
    }
  }
}
