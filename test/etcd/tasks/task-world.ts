import { runTaskWorker } from "../../../src/context/task-worker.ts";
import type { TaskOrder } from "../../../src/domain/task.ts";
import { etcdTaskQueue } from "../../../src/etcd/tasks/enqueue.ts";
import { systemIds } from "../../../src/runtime/ids.ts";
import type { TaskHandler } from "../../../src/services/run-task.ts";
import { TaskCounters } from "../../../src/worker/task-counters.ts";
import type { RunningStore } from "../../support/etcd-stores.ts";
import { silentLog } from "../../support/silent-log.ts";
import { storeWorld } from "../../support/store-world.ts";

/** Tasks under a prefix of each test's own, and workers that end with it. Call it once in a `describe`. */
export function taskWorld(start: () => Promise<RunningStore | null>) {
  const world = storeWorld(start);
  const enqueue = (order: Partial<TaskOrder> = {}) =>
    etcdTaskQueue(world.etcd, { newId: systemIds.ulid }).enqueue({ kind: "note", payload: { n: 1 }, ...order });
  const keysLeft = async () =>
    (await world.etcd.list(`${world.prefix}tasks/`)).entries
      .map(({ key }) => key.slice(world.prefix.length))
      .filter((key) => !/^tasks\/(worker|tally)\//.test(key)); // of workers, not of tasks

  /** A worker with a process lease of its own; `done` holds what it was given. */
  async function worker(
    handler: Partial<TaskHandler> = {},
    { concurrency = 10, ttlSeconds = 2, log = silentLog } = {},
  ) {
    const own = world.client();
    const lease = await world.lease(own, { ttlSeconds });
    const done: { id: string; payload: unknown; attempt: number }[] = [];
    const counters = new TaskCounters();
    const note: TaskHandler = {
      kind: "note",
      async run(payload, { taskId, attempt }) {
        done.push({ id: taskId, payload, attempt });
        return "noted";
      },
      ...handler,
    };
    const coordination = { etcd: own, lease };
    const stop = world.background((signal) =>
      runTaskWorker({ coordination, handlers: [note], kinds: null, concurrency, counters, graceMs: 100, log }, signal),
    );
    return { done, counters, lease, stop };
  }

  return {
    /** A client of the test's own. */
    get etcd() {
      return world.etcd;
    },
    enqueue,
    keysLeft,
    worker,
  };
}
