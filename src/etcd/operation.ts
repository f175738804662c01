/** A key as etcd keeps it. */
export interface KeyValue {
  readonly key: string;
  readonly value: Buffer;
  readonly createRevision: number;
  /** Goes up with each write of this key: the fence of the next write. */
  readonly modRevision: number;
  /** `0` without a lease. A string: lease ids exceed 2^53. */
  readonly leaseId: string;
}

/** One condition on the state before the transaction. An absent key has mod revision 0. */
export interface Compare {
  readonly key: string;
  readonly modRevision: number;
}

/** One thing that a branch does. */
export type Step =
  | { readonly do: "get"; readonly key: string /** Longest value there can be. */; readonly maxBytes: number }
  | { readonly do: "put"; readonly key: string; readonly value: Buffer; readonly leaseId?: string }
  | { readonly do: "delete"; readonly key: string };

/** What makes a leased put safe: where `alive/<processId>` is no longer this one, the lease is lost. */
export interface LeaseGuard {
  readonly leaseId: string;
  readonly aliveKey: string;
  readonly aliveRevision: number;
}

/** Which branch was taken, and what its gets found, in order. */
export interface Outcome {
  readonly succeeded: boolean;
  /** Of the store after it: the mod revision of each key that it put. */
  readonly revision: number;
  readonly found: readonly (KeyValue | null)[];
}

/** Reads one key's present state, with a deadline. */
export type ReadKey = (key: string) => Promise<KeyValue | null>;

/** What reading says about a write whose answer never came. `lost`: overwritten since, so nobody can tell. */
export type Settled<T> = { readonly was: "applied"; readonly value: T } | { readonly was: "not applied" | "lost" };

/** Kinds of work that must not wait for each other: each has its own queue. */
export type Lane = "coordination" | "tokens" | "tasks";

/**
 * A small transaction for `etcd.commit`. It may be sent again after an answer that never came, so every put stands under
 * a compare that its own success makes false, and carries in its value what tells it from any other.
 */
export interface Operation<T> {
  /** For error messages: `claim a stream`. */
  readonly what: string;
  readonly lane?: Lane;
  /** Required where a put names a lease; its loss is the error LEASE_LOST. */
  readonly guard?: LeaseGuard;
  readonly when: readonly Compare[];
  readonly apply: readonly Step[];
  readonly otherwise?: readonly Step[];
  /** What the outcome means to the caller. The other branch must recognise this operation's own earlier success. */
  answer(outcome: Outcome): T;
  settle(read: ReadKey): Promise<Settled<T>>;
}

// Keys' own bound, as far as what it costs on the wire goes: tags, lengths, revisions.
const STEP_OVERHEAD = 48;

/** Longest value that a get expects where nothing else is said. */
export const SMALL_VALUE = 2_048;

export const get = (key: string, maxBytes: number = SMALL_VALUE): Step => ({ do: "get", key, maxBytes });
export const put = (key: string, value: Buffer, leaseId?: string): Step =>
  leaseId === undefined ? { do: "put", key, value } : { do: "put", key, value, leaseId };
export const remove = (key: string): Step => ({ do: "delete", key });
export const absent = (key: string): Compare => ({ key, modRevision: 0 });
export const unchanged = (entry: Pick<KeyValue, "key" | "modRevision">): Compare => ({
  key: entry.key,
  modRevision: entry.modRevision,
});

/** Which keys an operation may write, in either branch, and which others it looks at. */
export interface Footprint {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly requestBytes: number;
  /** The longest answer there can be. */
  readonly answerBytes: number;
}

/** What an operation needs of an outer transaction. */
export function footprintOf({ guard, when, apply, otherwise = NO_STEPS }: Operation<unknown>): Footprint {
  const reads: string[] = [];
  const writes: string[] = [];
  let requestBytes = guard ? 2 * stepBytes(guard.aliveKey) : 0;
  requestBytes += addWrites(apply, writes) + addWrites(otherwise, writes);
  for (const { key } of when) {
    requestBytes += stepBytes(key);
    if (!writes.includes(key)) reads.push(key);
  }
  addReads(apply, writes, reads);
  addReads(otherwise, writes, reads);
  if (guard) reads.push(guard.aliveKey);
  const ownBytes = STEP_OVERHEAD + (guard ? stepBytes(guard.aliveKey) : 0);
  const answerBytes = ownBytes + Math.max(answerBytesOf(apply), answerBytesOf(otherwise));
  return { reads, writes, requestBytes, answerBytes };
}

const NO_STEPS: readonly Step[] = [];

/** Answers how long the steps are in a request. */
function addWrites(steps: readonly Step[], writes: string[]): number {
  let bytes = 0;
  for (const step of steps) {
    bytes += stepBytes(step.key) + (step.do === "put" ? step.value.length : 0);
    if (step.do !== "get" && !writes.includes(step.key)) writes.push(step.key);
  }
  return bytes;
}

function addReads(steps: readonly Step[], writes: readonly string[], reads: string[]): void {
  for (const { do: what, key } of steps) if (what === "get" && !writes.includes(key)) reads.push(key);
}

function answerBytesOf(steps: readonly Step[]): number {
  let bytes = 0;
  for (const step of steps) bytes += step.do === "get" ? stepBytes(step.key) + step.maxBytes : STEP_OVERHEAD;
  return bytes;
}

// The longest that so many characters can be in UTF-8; counting them would cost more than it saves.
const stepBytes = (key: string): number => 3 * key.length + STEP_OVERHEAD;
