import type { Log } from "../domain/log.ts";
import { announceWorker, tellTally } from "../etcd/tasks/announce-worker.ts";
import { EtcdReadyTasks } from "../etcd/tasks/ready-tasks.ts";
import { etcdTaskClaims } from "../etcd/tasks/task-claims.ts";
import { systemClock } from "../runtime/clock.ts";
import type { TaskHandler } from "../services/run-task.ts";
import { TaskCounters } from "../worker/task-counters.ts";
import { workTasks } from "../worker/work-tasks.ts";
import type { Coordination } from "./coordination.ts";

export interface TaskWorkerOptions {
  readonly coordination: Pick<Coordination, "etcd" | "lease">;
  readonly handlers: readonly TaskHandler[];
  /** Null for all kinds. */
  readonly kinds: readonly string[] | null;
  readonly concurrency: number;
  readonly counters?: TaskCounters;
  readonly graceMs?: number;
  readonly log: Log;
}

/** Works on tasks under this process's lease until aborted; resolves when nothing runs any more. */
export async function runTaskWorker(options: TaskWorkerOptions, signal: AbortSignal): Promise<void> {
  const { coordination, handlers, kinds, concurrency, counters = new TaskCounters(), graceMs, log } = options;
  const { etcd, lease } = coordination;
  const ready = new EtcdReadyTasks(etcd, { workerId: lease.processId, kinds, random: Math.random });
  const ports = {
    ...{ ready, lease, concurrency, counters, log },
    ...(graceMs !== undefined && { graceMs }),
    claims: etcdTaskClaims(etcd, lease, ready),
    handlers: new Map(handlers.map((handler) => [handler.kind, handler])),
    clock: systemClock,
    random: Math.random,
  };
  const announced = announceWorker(etcd, lease, { kinds, concurrency, startedAt: systemClock.now() });
  // Until then others only prefer fewer tasks of their own.
  if (!(await announced.written)) log.warn({}, "worker not announced; tried again at each beat of its lease");
  const told = tellTally(etcd, lease, () => counters.tallies());
  try {
    await workTasks(ports, signal);
  } finally {
    // Its lease takes the word back where etcd is away; then there is no time to lose.
    if (lease.isSure()) await Promise.all([announced, told].map((own) => own.takeBack().catch(() => {})));
  }
}
