import type { TaskTally, WorkerStatus } from "../../domain/task-status.ts";
import type { Etcd } from "../client.ts";
import { toJson } from "../json-value.ts";
import type { ProcessLease } from "../process-lease.ts";
import { keepOwnKey } from "./own-key.ts";

/** Says that this worker takes tasks, as long as its lease lives. @see keepOwnKey */
export function announceWorker(etcd: Etcd, lease: ProcessLease, worker: Omit<WorkerStatus, "workerId">) {
  const value = toJson({ ...worker });
  return keepOwnKey(etcd, lease, {
    key: etcd.keys.tasks.worker(lease.processId),
    what: "announce a worker",
    value: () => value,
  });
}

/** Tells what this worker has ended so far: at the next beat of its lease where that has changed. @see keepOwnKey */
export function tellTally(etcd: Etcd, lease: ProcessLease, tallies: () => Readonly<Record<string, TaskTally>>) {
  let told: { text: string; value: Buffer } = { text: "", value: Buffer.of() };
  return keepOwnKey(etcd, lease, {
    key: etcd.keys.tasks.tally(lease.processId),
    what: "tell what a worker has ended",
    value() {
      const kinds = tallies();
      const text = JSON.stringify(kinds);
      if (text !== told.text) told = { text, value: toJson({ at: etcd.clock.now(), kinds }) };
      return told.value;
    },
  });
}
