import type { Etcd } from "../client.ts";
import { commitLeased, type LeasedOperation } from "../leased.ts";
import { absent, get, type KeyValue, put, remove, unchanged } from "../operation.ts";
import type { ProcessLease } from "../process-lease.ts";

const ROUNDS = 4; // nobody else writes such a key: each is one answer that went astray

/** A key that only this process writes, on its lease. */
export interface OwnKey {
  readonly key: string;
  /** For error messages: `announce a worker`. */
  readonly what: string;
  /** What it shall say now. */
  value(): Buffer;
}

/**
 * Keeps a key of this process's own as it shall be: written now, and at each beat of the lease where it says something
 * else by then, hangs on an earlier lease, or could not be written before. `written` tells of the first attempt and never
 * rejects: false where a beat will have to do it. `takeBack` removes it; where that fails its lease takes it.
 */
export function keepOwnKey(etcd: Etcd, lease: ProcessLease, own: OwnKey) {
  const { key, what } = own;
  let stands: KeyValue | null = null; // as far as we know
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const value = own.value();
    const isDone = () => stands?.leaseId === lease.guard().leaseId && stands.value.equals(value);
    if (isDone()) return;
    stands = await etcd.get(key);
    for (let round = 1; round <= ROUNDS && !isDone(); round++)
      stands = await commitLeased(etcd, lease, putOwn({ key, what, value, present: stands }));
  }
  const errand = () => {
    writing = write();
    return writing;
  };
  const stop = lease.onBeat(errand);
  return {
    written: errand().then(
      () => true,
      () => false,
    ),
    async takeBack(): Promise<void> {
      stop();
      await writing.catch(() => {}); // it would put the key back
      const entry = await etcd.get(key);
      if (entry) await etcd.commit(removeOwn(entry));
    },
  };
}

interface Putting extends Pick<OwnKey, "key" | "what"> {
  readonly value: Buffer;
  readonly present: KeyValue | null;
}

/** Answers what stands there afterwards. */
const putOwn =
  ({ key, what, value, present }: Putting) =>
  (leaseId: string): LeasedOperation<KeyValue | null> => ({
    what,
    when: [present ? unchanged(present) : absent(key)],
    apply: [put(key, value, leaseId)],
    otherwise: [get(key, value.length)],
    answer: ({ succeeded, revision, found }) =>
      succeeded ? { key, value, leaseId, createRevision: revision, modRevision: revision } : (found[0] ?? null),
    settle: async (read) => {
      const entry = await read(key);
      const isOurs = entry?.leaseId === leaseId && entry.value.equals(value);
      return isOurs ? { was: "applied", value: entry } : { was: "not applied" };
    },
  });

const removeOwn = (entry: KeyValue) => ({
  what: "take back a worker's word",
  when: [unchanged(entry)],
  apply: [remove(entry.key)],
  answer: () => {},
  settle: async () => ({ was: "applied" as const, value: undefined }), // its lease takes it where this did not
});
