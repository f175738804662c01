import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { runTaskWorker } from "../../../src/context/task-worker.ts";
import type { TaskOrder } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { toJson } from "../../../src/etcd/json-value.ts";
import { absent, put, remove, unchanged } from "../../../src/etcd/operation.ts";
import { etcdTaskDuties } from "../../../src/etcd/tasks/duties.ts";
import { etcdTaskQueue } from "../../../src/etcd/tasks/enqueue.ts";
import { systemIds } from "../../../src/runtime/ids.ts";
import type { TaskHandler } from "../../../src/services/run-task.ts";
import { defineKind } from "../../../src/worker/kinds/define-kind.ts";
import { TaskCounters } from "../../../src/worker/task-counters.ts";
import { etcdPrefix } from "../../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../../support/etcd-stores.ts";
import { etcdWorld } from "../../support/etcd-world.ts";
import { silentLog } from "../../support/silent-log.ts";
import { until } from "../../support/until.ts";

const world = etcdWorld();
const COUNT = 150;
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
      runTaskWorker(
        { coordination, handlers: [note], kinds: null, concurrency, counters, graceMs: 100, log: silentLog },
        signal,
      ),
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

    // One process holds the workers, and here and there the store too: a count may come too late to be heard.
    const left = () => etcd.count(etcd.keys.tasks.all).catch(() => COUNT);
    await until(async () => (await left()) === 0, { limitMs: 40_000, stepMs: 200 });
    const ids = workers.flatMap(({ done }) => done.map(({ id }) => id));
    expect(new Set(ids).size).toBe(COUNT);
    expect(ids).toHaveLength(COUNT);
    const lost = workers.reduce((sum, { counters }) => sum + counters.of("lost"), 0);
    expect(lost).toBeLessThan(COUNT / 4);
  });

  it("of one limit key run one at a time on all workers together, and others beside them", async () => {
    const now = new Map<string, number>();
    const most = new Map<string, number>();
    let ran = 0;
    const handler: Partial<TaskHandler> = {
      limit: { count: 1, per: "key" },
      async run(payload) {
        const { key } = payload as { key: string };
        now.set(key, (now.get(key) ?? 0) + 1);
        most.set(key, Math.max(most.get(key) ?? 0, now.get(key) ?? 0));
        await new Promise((resolve) => setTimeout(resolve, 5));
        now.set(key, (now.get(key) ?? 0) - 1);
        ran += 1;
      },
    };
    await Promise.all([worker(handler), worker(handler)]);

    const keys = ["a", "b"].flatMap((key) => Array.from({ length: 8 }, () => key));
    await Promise.all(keys.map((key) => enqueue({ payload: { key }, limitKey: key })));

    await until(() => ran === keys.length, { limitMs: 30_000 });
    expect([...most.values()]).toEqual([1, 1]);
    await until(async () => (await etcd.count(etcd.keys.tasks.places)) === 0, { what: "the places are free" });
  });

  it("that run are aborted by a cancel, and say who asked", async () => {
    let runs = false;
    const stops: unknown[] = [];
    await worker({
      run: (_payload, { signal }) =>
        new Promise((_, reject) => {
          runs = true;
          signal.addEventListener("abort", () => {
            stops.push(signal.reason);
            reject(new Error("aborted"));
          });
        }),
    });
    const { id } = await enqueue();
    await until(() => runs);

    await etcd.commit(cancelRunning(id));

    const result = await until(() => etcd.get(etcd.keys.tasks.result(id)));
    expect(stops).toEqual([{ why: "cancelled", by: "anna" }]);
    expect(JSON.parse(String(result.value))).toMatchObject({ state: "cancelled", reason: "cancelled by anna" });
    expect(await keysLeft()).toEqual([`tasks/result/${id}`]);
  });

  it("that were to be cancelled when their worker died are aborted by the next", async () => {
    const { id } = await enqueue();
    await etcd.commit(cancelRunning(id));

    await worker({
      run: (_payload, { signal }) =>
        new Promise((_, reject) => {
          const end = () => reject(new Error("aborted"));
          if (signal.aborted) end();
          else signal.addEventListener("abort", end);
        }),
    });

    const result = await until(() => etcd.get(etcd.keys.tasks.result(id)));
    expect(JSON.parse(String(result.value))).toMatchObject({ state: "cancelled" });
  });

  it("are not touched by the word of cancelling that an earlier one of their name left behind; it is swept", async () => {
    await etcd.commit(cancelRunning("again"));
    const { done } = await worker();

    await enqueue({ id: "again", policy: { retainMs: 0 } });

    await until(() => done.length === 1);
    await until(async () => (await etcd.get(etcd.keys.tasks.task("note", "again"))) === null);
    expect(await etcdTaskDuties(etcd, systemIds.ulid).sweep()).toBe(1);
    expect(await keysLeft()).toEqual([]);
  });

  /** What the desk writes. */
  const cancelRunning = (id: string) => {
    const key = etcd.keys.tasks.cancel(id);
    return {
      what: "cancel",
      when: [absent(key)],
      apply: [put(key, toJson({ by: "anna", token: "x", kind: "note" }))],
      answer: () => {},
      settle: async () => ({ was: "applied" as const, value: undefined }),
    };
  };

  it("of a paused kind wait, also for a worker that has not heard of the pause", async () => {
    const paused = etcd.keys.tasks.paused("note");
    await etcd.commit({ ...cancelRunning("x"), when: [absent(paused)], apply: [put(paused, toJson({ by: "anna" }))] });
    const { done } = await worker();
    const { id } = await enqueue();
    await enqueue({ kind: "other" });

    await until(async () => (await etcd.count(etcd.keys.tasks.allDead)) === 1, { what: "another kind goes on" });
    expect(done).toEqual([]);
    const entry = (await etcd.get(paused))!;
    await etcd.commit({ ...cancelRunning("x"), when: [unchanged(entry)], apply: [remove(paused)] });

    await until(() => done.length === 1);
    expect(done[0]?.id).toBe(id);
  });

  it("of a kind that nobody knows, and those whose payload is bad, are dead with the reason", async () => {
    await worker(defineKind({ kind: "note", payload: z.object({ n: z.number() }), run: async () => null }));

    const [unknown, bad] = [await enqueue({ kind: "unheard-of" }), await enqueue({ payload: { n: "one" } })];

    const deadOf = (kind: string, id: string) => until(() => etcd.get(etcd.keys.tasks.dead(kind, id)));
    expect(String((await deadOf("unheard-of", unknown.id)).value)).toContain("no worker knows the kind unheard-of");
    expect(String((await deadOf("note", bad.id)).value)).toContain(
      "payload of a task of kind note is not as it must be",
    );
  });

  it("are handed back by a worker that stops, with their try, though their handler does not heed it", async () => {
    const first = await worker({ run: () => new Promise(() => {}) });
    const { id } = await enqueue();
    await until(async () => (await etcd.get(etcd.keys.tasks.claim(id))) !== null);

    first.stop.abort();
    await until(() => first.counters.of("handed back") === 1, { limitMs: 10_000 });
    const second = await worker();

    await until(() => second.done.length === 1);
    expect(second.done).toEqual([{ id, payload: { n: 1 }, attempt: 1 }]);
  });

  it("show their progress on the lease of their worker", async () => {
    let goOn: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await worker({
      async run(_payload, { progress }) {
        await progress(10, "begun");
        await progress(42.4, "half way");
        await gate;
      },
    });
    const { id } = await enqueue();
    const key = etcd.keys.tasks.progress(id);

    const entry = await until(async () => {
      const found = await etcd.get(key);
      return found && String(found.value).includes("half way") ? found : null;
    });
    expect(JSON.parse(String(entry.value))).toMatchObject({ percent: 42, note: "half way" });
    expect(entry.leaseId).not.toBe("0");
    goOn();

    await until(async () => (await etcd.get(key)) === null);
  });

  it("wait for their time", async () => {
    const { done } = await worker();
    const duties = etcdTaskDuties(etcd, systemIds.ulid);
    await enqueue({ id: "later", delayMs: 60_000 });
    await enqueue({ id: "soon", delayMs: 100 });

    await until(async () => (await duties.moveDue()) > 0);

    await until(() => done.length === 1);
    expect(done[0]?.id).toBe("soon");
    expect(await duties.moveDue()).toBe(0);
    expect((await keysLeft()).filter((key) => key.startsWith("tasks/delay"))).toHaveLength(1);
  });

  it("are refused where too many wait, or where they are too large; nothing of them is kept", async () => {
    const queue = etcdTaskQueue(etcd, { newId: systemIds.ulid, maxQueued: 2 });
    const order = { kind: "note", payload: null };
    await queue.enqueue(order);
    await queue.enqueue(order);

    await expect(queue.enqueue(order)).rejects.toMatchObject({
      code: "OVERLOADED",
      message: expect.stringContaining("2 wait already, at most 2 may"),
    });
    await expect(queue.enqueue({ ...order, delayMs: 1, payload: "x".repeat(65_535) })).rejects.toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      message: expect.stringContaining("at most 65536 bytes, got 65537"),
    });
    expect((await keysLeft()).filter((key) => key.startsWith("tasks/task/"))).toHaveLength(2);
  });

  it("leave results and dedupe marks only until their time is over", async () => {
    const { done } = await worker();
    await enqueue({ id: "short", policy: { retainMs: 50 }, dedupeKey: "k", dedupeMs: 50 });
    await enqueue({ id: "long" });
    await until(() => done.length === 2);
    const duties = etcdTaskDuties(etcd, systemIds.ulid);

    let swept = 0;
    await until(async () => {
      swept += await duties.sweep();
      return swept === 2;
    });

    expect(await keysLeft()).toEqual(["tasks/result/long"]);
  });
});
