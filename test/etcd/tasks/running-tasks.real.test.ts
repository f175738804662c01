import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toJson } from "../../../src/etcd/json-value.ts";
import { absent, put, remove, unchanged } from "../../../src/etcd/operation.ts";
import { etcdTaskDuties } from "../../../src/etcd/tasks/duties.ts";
import { systemIds } from "../../../src/runtime/ids.ts";
import type { TaskHandler } from "../../../src/services/run-task.ts";
import { canaryWatch } from "../../support/canaries.ts";
import { STORES } from "../../support/etcd-stores.ts";
import { silentLog } from "../../support/silent-log.ts";
import { until } from "../../support/until.ts";
import { taskWorld } from "./task-world.ts";

describe.each(STORES)("tasks that run on $name", ({ start }) => {
  const tasks = taskWorld(start);
  const { enqueue, keysLeft, worker } = tasks;

  it("leave no secret of an error that is none of rig's in etcd, but a reference to the log that has it (I8)", async () => {
    const secret = `canary-${randomBytes(12).toString("base64url")}`;
    const logged: { err?: unknown; ref?: unknown }[] = [];
    const log = { ...silentLog, error: (fields: object) => void logged.push(fields) };
    const bug = new TypeError(`fetch failed: https://api.example.com/?key=${secret}`);
    const { counters } = await worker({ run: () => Promise.reject(bug) }, { log });
    await enqueue({ id: "once", policy: { maxAttempts: 1 } });
    await enqueue({ id: "again" });

    await until(() => counters.of("dead") + counters.of("failed") === 2);

    const { entries } = await tasks.etcd.list(tasks.etcd.keys.prefix);
    const isLeaking = canaryWatch({ "the key in an error": secret });
    const [dead] = entries.filter(({ key }) => key.startsWith(tasks.etcd.keys.tasks.allDead));
    expect(entries.flatMap(({ key, value }) => isLeaking(key, value))).toEqual([]);
    expect(logged.map(({ err }) => err)).toEqual([bug, bug]);
    const refs = logged.map(({ ref }) => String(ref));
    expect(refs.some((ref) => dead?.value.includes(`TypeError: its worker's log says more, ref ${ref}`))).toBe(true);
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
        await tasks.etcd.get(tasks.etcd.keys.tasks.allPaused); // long enough for another to begin beside it
        now.set(key, (now.get(key) ?? 0) - 1);
        ran += 1;
      },
    };
    await Promise.all([worker(handler), worker(handler)]);

    const keys = ["a", "b"].flatMap((key) => Array.from({ length: 8 }, () => key));
    await Promise.all(keys.map((key) => enqueue({ payload: { key }, limitKey: key })));

    await until(() => ran === keys.length, { limitMs: 30_000 });
    expect([...most.values()]).toEqual([1, 1]);
    await until(async () => (await tasks.etcd.count(tasks.etcd.keys.tasks.places)) === 0, {
      what: "the places are free",
    });
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

    await tasks.etcd.commit(cancelRunning(id));

    const result = await until(() => tasks.etcd.get(tasks.etcd.keys.tasks.result(id)));
    expect(stops).toEqual([{ why: "cancelled", by: "anna" }]);
    expect(JSON.parse(String(result.value))).toMatchObject({ state: "cancelled", reason: "cancelled by anna" });
    expect(await keysLeft()).toEqual([`tasks/result/${id}`]);
  });

  it("that were to be cancelled when their worker died are aborted by the next", async () => {
    const { id } = await enqueue();
    await tasks.etcd.commit(cancelRunning(id));

    await worker({
      run: (_payload, { signal }) =>
        new Promise((_, reject) => {
          const end = () => reject(new Error("aborted"));
          if (signal.aborted) end();
          else signal.addEventListener("abort", end);
        }),
    });

    const result = await until(() => tasks.etcd.get(tasks.etcd.keys.tasks.result(id)));
    expect(JSON.parse(String(result.value))).toMatchObject({ state: "cancelled" });
  });

  it("are not touched by the word of cancelling that an earlier one of their name left behind; it is swept", async () => {
    await tasks.etcd.commit(cancelRunning("again"));
    const { done } = await worker();

    await enqueue({ id: "again", policy: { retainMs: 0 } });

    await until(() => done.length === 1);
    await until(async () => (await tasks.etcd.get(tasks.etcd.keys.tasks.task("note", "again"))) === null);
    expect(await etcdTaskDuties(tasks.etcd, systemIds.ulid, silentLog).sweep()).toBe(1);
    expect(await keysLeft()).toEqual([]);
  });

  /** What the desk writes. */
  const cancelRunning = (id: string) => {
    const key = tasks.etcd.keys.tasks.cancel(id);
    return {
      what: "cancel",
      when: [absent(key)],
      apply: [put(key, toJson({ by: "anna", token: "x", kind: "note" }))],
      answer: () => {},
      settle: async () => ({ was: "applied" as const, value: undefined }),
    };
  };

  it("of a paused kind wait, also for a worker that has not heard of the pause", async () => {
    const paused = tasks.etcd.keys.tasks.paused("note");
    await tasks.etcd.commit({
      ...cancelRunning("x"),
      when: [absent(paused)],
      apply: [put(paused, toJson({ by: "anna" }))],
    });
    const { done } = await worker();
    const { id } = await enqueue();
    await enqueue({ kind: "other" });

    await until(async () => (await tasks.etcd.count(tasks.etcd.keys.tasks.allDead)) === 1, {
      what: "another kind goes on",
    });
    expect(done).toEqual([]);
    const entry = (await tasks.etcd.get(paused))!;
    await tasks.etcd.commit({ ...cancelRunning("x"), when: [unchanged(entry)], apply: [remove(paused)] });

    await until(() => done.length === 1);
    expect(done[0]?.id).toBe(id);
  });

  it("are handed back by a worker that stops, with their try, though their handler does not heed it", async () => {
    const first = await worker({ run: () => new Promise(() => {}) });
    const { id } = await enqueue();
    await until(async () => (await tasks.etcd.get(tasks.etcd.keys.tasks.claim(id))) !== null);

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
    const key = tasks.etcd.keys.tasks.progress(id);

    const entry = await until(async () => {
      const found = await tasks.etcd.get(key);
      return found && String(found.value).includes("half way") ? found : null;
    });
    expect(JSON.parse(String(entry.value))).toMatchObject({ percent: 42, note: "half way" });
    expect(entry.leaseId).not.toBe("0");
    goOn();

    await until(async () => (await tasks.etcd.get(key)) === null);
  });
});
