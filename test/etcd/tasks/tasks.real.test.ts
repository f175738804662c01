import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runTaskWorker } from "../../../src/context/task-worker.ts";
import type { TaskOrder } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdTaskDuties } from "../../../src/etcd/tasks/duties.ts";
import { etcdTaskQueue } from "../../../src/etcd/tasks/enqueue.ts";
import { systemIds } from "../../../src/runtime/ids.ts";
import type { TaskHandler } from "../../../src/services/run-task.ts";
import { TaskCounters } from "../../../src/worker/task-counters.ts";
import { etcdPrefix } from "../../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../../support/etcd-stores.ts";
import { etcdWorld } from "../../support/etcd-world.ts";
import { silentLog } from "../../support/silent-log.ts";
import { until } from "../../support/until.ts";

const world = etcdWorld();
const COUNT = 400;
const SOON = { maxAttempts: 3, backoff: { floorMs: 1, ceilingMs: 2 } };

describe.each(STORES)("tasks on $name", ({ start }) => {
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
      runTaskWorker({ coordination, handlers: [note], kinds: null, concurrency, counters, log: silentLog }, signal),
    );
    return { done, counters, lease, stop };
  }

  it("are run once each, and leave nothing behind but results that are kept", async () => {
    const { done } = await worker();

    const orders = await Promise.all(
      Array.from({ length: 100 }, (_, n) => enqueue({ payload: { n }, policy: { retainMs: 0 } })),
    );
    const kept = await enqueue({ id: "kept" });

    await until(async () => (await keysLeft()).length === 1);
    expect(await keysLeft()).toEqual(["tasks/result/kept"]);
    expect(done.map(({ id }) => id).sort()).toEqual([...orders, kept].map(({ id }) => id).sort());
  });

  it("are enqueued once where ordered twice, by id and by dedupe key", async () => {
    const first = await enqueue({ id: "one" });
    const again = await enqueue({ id: "one" });
    const keyed = await enqueue({ dedupeKey: "k", dedupeMs: 60_000 });
    const other = await enqueue({ dedupeKey: "k", dedupeMs: 60_000 });
    const late = await enqueue({ dedupeKey: "old", dedupeMs: 1 });
    const afresh = await until(async () => {
      const order = await enqueue({ dedupeKey: "old", dedupeMs: 60_000 });
      return order.created ? order : null;
    });

    expect([first, again]).toEqual([
      { id: "one", created: true },
      { id: "one", created: false },
    ]);
    expect(other).toEqual({ id: keyed.id, created: false });
    expect(afresh.id).not.toBe(late.id);
  });

  it("are tried again after a failure, and dead with the last reason when their tries are used up", async () => {
    const tries: number[] = [];
    await worker({
      async run(_payload, { attempt }) {
        tries.push(attempt);
        throw new Error(`no ${attempt}`);
      },
    });
    const duties = etcdTaskDuties(etcd, systemIds.ulid);

    const { id } = await enqueue({ policy: SOON });

    await until(async () => {
      await duties.moveDue();
      return (await keysLeft()).includes(`tasks/dead/note/${id}`);
    });
    expect(tries).toEqual([1, 2, 3]);
    const dead = await etcd.get(etcd.keys.tasks.dead("note", id));
    expect(JSON.parse(String(dead?.value))).toMatchObject({ a: 3, r: "Error: no 3" });
    expect(await keysLeft()).toEqual([`tasks/dead/note/${id}`, `tasks/task/note/${id}`]);
  });

  it("of four workers are run once each, with few claims lost", async () => {
    const workers = await Promise.all([worker(), worker(), worker(), worker()]);
    await until(async () => (await etcd.list(etcd.keys.tasks.workers)).entries.length === 4);

    await Promise.all(Array.from({ length: COUNT }, () => enqueue({ policy: { retainMs: 0 } })));

    await until(async () => (await etcd.count(etcd.keys.tasks.all)) === 0, { limitMs: 40_000, stepMs: 200 });
    const ids = workers.flatMap(({ done }) => done.map(({ id }) => id));
    expect(new Set(ids).size).toBe(COUNT);
    expect(ids).toHaveLength(COUNT);
    const lost = workers.reduce((sum, { counters }) => sum + counters.of("lost"), 0);
    expect(lost).toBeLessThan(COUNT / 4);
  });
});
