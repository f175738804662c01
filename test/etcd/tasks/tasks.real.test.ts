import { describe, expect, it } from "vitest";
import { z } from "zod";
import { RigError } from "../../../src/domain/errors.ts";
import { etcdTaskDuties } from "../../../src/etcd/tasks/duties.ts";
import { etcdTaskQueue } from "../../../src/etcd/tasks/enqueue.ts";
import { systemIds } from "../../../src/runtime/ids.ts";
import { defineKind } from "../../../src/worker/kinds/define-kind.ts";
import { STORES } from "../../support/etcd-stores.ts";
import { silentLog } from "../../support/silent-log.ts";
import { until } from "../../support/until.ts";
import { taskWorld } from "./task-world.ts";

const COUNT = 150;
const SOON = { maxAttempts: 3, backoff: { floorMs: 1, ceilingMs: 2 } };

describe.each(STORES)("tasks on $name", ({ start }) => {
  const tasks = taskWorld(start);
  const { enqueue, keysLeft, worker } = tasks;

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
        throw new RigError("CHECK_FAILED", `no ${attempt}`);
      },
    });
    const duties = etcdTaskDuties(tasks.etcd, systemIds.ulid, silentLog);

    const { id } = await enqueue({ policy: SOON });

    await until(async () => {
      await duties.moveDue();
      return (await keysLeft()).includes(`tasks/dead/note/${id}`);
    });
    expect(tries).toEqual([1, 2, 3]);
    const dead = await tasks.etcd.get(tasks.etcd.keys.tasks.dead("note", id));
    expect(JSON.parse(String(dead?.value))).toMatchObject({ a: 3, r: "CHECK_FAILED: no 3" });
    expect(await keysLeft()).toEqual([`tasks/dead/note/${id}`, `tasks/task/note/${id}`]);
  });

  it("of four workers are run once each, with few claims lost", async () => {
    const workers = await Promise.all([worker(), worker(), worker(), worker()]);
    await until(async () => (await tasks.etcd.list(tasks.etcd.keys.tasks.workers)).entries.length === 4);

    await Promise.all(Array.from({ length: COUNT }, () => enqueue({ policy: { retainMs: 0 } })));

    // One process holds the workers, and here and there the store too: a count may come too late to be heard.
    const left = () => tasks.etcd.count(tasks.etcd.keys.tasks.all).catch(() => COUNT);
    await until(async () => (await left()) === 0, { limitMs: 40_000, stepMs: 200 });
    const ids = workers.flatMap(({ done }) => done.map(({ id }) => id));
    expect(new Set(ids).size).toBe(COUNT);
    expect(ids).toHaveLength(COUNT);
    const lost = workers.reduce((sum, { counters }) => sum + counters.of("lost"), 0);
    expect(lost).toBeLessThan(COUNT / 3);
  });

  it("of a kind that nobody knows, and those whose payload is bad, are dead with the reason", async () => {
    await worker(defineKind({ kind: "note", payload: z.object({ n: z.number() }), run: async () => null }));

    const [unknown, bad] = [await enqueue({ kind: "unheard-of" }), await enqueue({ payload: { n: "one" } })];

    const deadOf = (kind: string, id: string) => until(() => tasks.etcd.get(tasks.etcd.keys.tasks.dead(kind, id)));
    expect(String((await deadOf("unheard-of", unknown.id)).value)).toContain("no worker knows the kind unheard-of");
    expect(String((await deadOf("note", bad.id)).value)).toContain(
      "payload of a task of kind note is not as it must be",
    );
  });

  it("wait for their time", async () => {
    const { done } = await worker();
    const duties = etcdTaskDuties(tasks.etcd, systemIds.ulid, silentLog);
    await enqueue({ id: "later", delayMs: 60_000 });
    await enqueue({ id: "soon", delayMs: 100 });

    await until(async () => (await duties.moveDue()) > 0);

    await until(() => done.length === 1);
    expect(done[0]?.id).toBe("soon");
    expect(await duties.moveDue()).toBe(0);
    expect((await keysLeft()).filter((key) => key.startsWith("tasks/delay"))).toHaveLength(1);
  });

  it("are refused where too many wait, or where they are too large; nothing of them is kept", async () => {
    const queue = etcdTaskQueue(tasks.etcd, { newId: systemIds.ulid, maxOpen: 2 });
    const order = { kind: "note", payload: null };
    await queue.enqueue(order);
    await queue.enqueue({ ...order, delayMs: 60_000 });

    await expect(queue.enqueue(order)).rejects.toMatchObject({
      code: "OVERLOADED",
      message: expect.stringContaining("2 are there already, at most 2 may be"),
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
    const duties = etcdTaskDuties(tasks.etcd, systemIds.ulid, silentLog);

    let swept = 0;
    await until(async () => {
      swept += await duties.sweep();
      return swept === 2;
    });

    expect(await keysLeft()).toEqual(["tasks/result/long"]);
  });
});
