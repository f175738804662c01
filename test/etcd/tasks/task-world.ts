import { afterAll, beforeAll, beforeEach } from "vitest";
import { runTaskWorker } from "../../../src/context/task-worker.ts";
import type { TaskOrder } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdTaskQueue } from "../../../src/etcd/tasks/enqueue.ts";
import { systemIds } from "../../../src/runtime/ids.ts";
import type { TaskHandler } from "../../../src/services/run-task.ts";
import { TaskCounters } from "../../../src/worker/task-counters.ts";
import { etcdPrefix } from "../../support/etcd-prefix.ts";
import type { RunningStore } from "../../support/etcd-stores.ts";
import { etcdWorld } from "../../support/etcd-world.ts";
import { silentLog } from "../../support/silent-log.ts";

/** Tasks under a prefix of each test's own, and workers that end with it. Call it once in a `describe`. */
export function taskWorld(start: () => Promise<RunningStore | null>) {
  const world = etcdWorld();
  let store: RunningStore | null;
  let prefix: string;
  let etcd: Etcd;
  beforeAll(async () => {
    store = await start();
  });
  afterAll(async () => {
    await store?.close();
  });
  beforeEach((context) => {
    if (!store) return context.skip();
    prefix = etcdPrefix();
    etcd = client();
  });

  const client = () => world.client(store!.client(prefix));
  const enqueue = (order: Partial<TaskOrder> = {}) =>
    etcdTaskQueue(etcd, { newId: systemIds.ulid }).enqueue({ kind: "note", payload: { n: 1 }, ...order });
  const keysLeft = async () =>
    (await etcd.list(`${prefix}tasks/`)).entries
      .map(({ key }) => key.slice(prefix.length))
      .filter((key) => !key.startsWith("tasks/worker"));

  /** A worker with a process lease of its own; `done` holds what it was given. */
  async function worker(handler: Partial<TaskHandler> = {}, { concurrency = 10, ttlSeconds = 2 } = {}) {
    const own = client();
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
      runTaskWorker(
        { coordination, handlers: [note], kinds: null, concurrency, counters, graceMs: 100, log: silentLog },
        signal,
      ),
    );
    return { done, counters, lease, stop };
  }

  return {
    /** A client of the test's own. */
    get etcd() {
      return etcd;
    },
    enqueue,
    keysLeft,
    worker,
  };
}
