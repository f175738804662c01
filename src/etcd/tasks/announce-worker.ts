import type { WorkerStatus } from "../../domain/task-status.ts";
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
