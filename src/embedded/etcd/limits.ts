import { getHeapStatistics } from "node:v8";

/** What the store bounds, with the defaults. */
export interface StoreLimits {
  /** A larger request is refused; as etcd's `--max-request-bytes`. */
  readonly maxRequestBytes: number;
  /** All kept versions of all keys, their own bytes and 120 for each; what needs more raises the alarm NOSPACE. */
  readonly quotaBytes: number;
  /** A lease that asks for less gets this much; etcd's own at its default election timeout. */
  readonly minLeaseTtlSeconds: number;
  /** History that is kept: at most so many revisions, so long, and so many bytes. */
  readonly historyRevisions: number;
  readonly historyMs: number;
  readonly historyBytes: number;
  /** A snapshot is taken when the log has grown by this since the last, or by that one's own size if larger. */
  readonly snapshotAfterBytes: number;
  /** Idle watches that asked for it hear how far the store is this often. */
  readonly progressNotifyMs: number;
}

const MIB = 1_024 * 1_024;

// Everything is in memory, and takes up to 1.7 times the bytes that are counted: half of the heap leaves room for others.
const DEFAULT_QUOTA_BYTES = Math.min(1_024 * MIB, getHeapStatistics().heap_size_limit / 2);

export const DEFAULT_LIMITS: StoreLimits = {
  maxRequestBytes: 1.5 * MIB,
  quotaBytes: DEFAULT_QUOTA_BYTES,
  minLeaseTtlSeconds: 2,
  historyRevisions: 100_000,
  historyMs: 5 * 60_000,
  historyBytes: 64 * MIB,
  snapshotAfterBytes: 16 * MIB,
  progressNotifyMs: 10 * 60_000,
};
