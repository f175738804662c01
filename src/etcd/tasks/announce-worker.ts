import type { WorkerStatus } from "../../domain/task-status.ts";
import type { Etcd } from "../client.ts";
import { toJson } from "../json-value.ts";
import { commitLeased, type LeasedOperation } from "../leased.ts";
import { absent, get, type KeyValue, put, remove, unchanged } from "../operation.ts";
import type { ProcessLease } from "../process-lease.ts";

const ROUNDS = 4; // nobody else writes this key: each is one answer that went astray

/** Says that this worker takes tasks, as long as its lease lives. Answers how to take that back. */
export async function announceWorker(
  etcd: Etcd,
  lease: ProcessLease,
  worker: Omit<WorkerStatus, "workerId">,
): Promise<() => Promise<void>> {
  const key = etcd.keys.tasks.worker(lease.processId);
  const value = toJson({ ...worker });
  const announce = async () => {
    let present = await etcd.get(key);
    for (let round = 1; round <= ROUNDS; round++) {
      if (present?.leaseId === lease.guard().leaseId) return;
      present = await commitLeased(etcd, lease, putWorker(key, value, present));
    }
  };
  await announce();
  const stopPuttingBack = lease.onRegranted(announce);
  return async () => {
    stopPuttingBack();
    const entry = await etcd.get(key);
    if (entry) await etcd.commit(removeWorker(entry));
  };
}

/** Answers what stands there afterwards. */
const putWorker =
  (key: string, value: Buffer, present: KeyValue | null) =>
  (leaseId: string): LeasedOperation<KeyValue | null> => ({
    what: "announce a worker",
    when: [present ? unchanged(present) : absent(key)],
    apply: [put(key, value, leaseId)],
    otherwise: [get(key)],
    answer: ({ succeeded, revision, found }) =>
      succeeded ? { key, value, leaseId, createRevision: revision, modRevision: revision } : (found[0] ?? null),
    settle: async (read) => {
      const entry = await read(key);
      return entry?.leaseId === leaseId ? { was: "applied", value: entry } : { was: "not applied" };
    },
  });

const removeWorker = (entry: KeyValue) => ({
  what: "take back a worker's word",
  when: [unchanged(entry)],
  apply: [remove(entry.key)],
  answer: () => {},
  settle: async () => ({ was: "applied" as const, value: undefined }), // its lease takes it where this did not
});
