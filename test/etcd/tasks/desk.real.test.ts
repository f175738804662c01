import { describe, expect, it } from "vitest";
import { runTaskWorker } from "../../../src/context/task-worker.ts";
import { RigError } from "../../../src/domain/errors.ts";
import type { TaskOrder } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { put } from "../../../src/etcd/operation.ts";
import { etcdTaskBoard, etcdTaskMoves } from "../../../src/etcd/tasks/desk.ts";
import { etcdTaskQueue } from "../../../src/etcd/tasks/enqueue.ts";
import { aborted } from "../../../src/runtime/aborted.ts";
import { systemIds } from "../../../src/runtime/ids.ts";
import type { TaskHandler } from "../../../src/services/run-task.ts";
import { STORES } from "../../support/etcd-stores.ts";
import { silentLog } from "../../support/silent-log.ts";
import { storeWorld } from "../../support/store-world.ts";
import { until } from "../../support/until.ts";

const ONCE = { maxAttempts: 1 };

describe.each(STORES)("the desk on $name", ({ start }) => {
  const world = storeWorld(start);
  const enqueue = (order: Partial<TaskOrder> = {}) =>
    etcdTaskQueue(world.etcd, { newId: systemIds.ulid }).enqueue({ kind: "note", payload: { n: 1 }, ...order });
  const board = () => etcdTaskBoard(world.etcd);
  const moves = () => etcdTaskMoves(world.etcd, systemIds.ulid);
  const keysLeft = async () =>
    (await world.etcd.list(`${world.prefix}tasks/`)).entries
      .map(({ key }) => key.slice(world.prefix.length))
      .filter((key) => !key.startsWith("tasks/tally/"));
  const states = async (kind: string | null = null) =>
    (await board().list({ kind, state: null, limit: 100 })).map(({ id, state }) => `${id} ${state}`);

  async function worker(...handlers: Pick<TaskHandler, "kind" | "run">[]) {
    const own = world.client();
    const lease = await world.lease(own, { ttlSeconds: 2 });
    const options = { coordination: { etcd: own, lease }, handlers, kinds: null, concurrency: 10, log: silentLog };
    return { workerId: lease.processId, stop: world.background((signal) => runTaskWorker(options, signal)) };
  }
  const endless: Pick<TaskHandler, "kind" | "run"> = {
    kind: "long",
    async run(_payload, { signal, progress }) {
      await progress(40, "sending");
      await aborted(signal);
      throw new Error("stopped");
    },
  };
  const failing: Pick<TaskHandler, "kind" | "run"> = {
    kind: "note",
    run: async () => {
      throw new RigError("CHECK_FAILED", "no such host");
    },
  };
  const dead = async (...ids: string[]) => {
    const { stop } = await worker(failing);
    await Promise.all(ids.map((id) => enqueue({ id, policy: ONCE })));
    await until(async () => (await world.etcd.count(world.etcd.keys.tasks.allDead)) === ids.length);
    stop.abort();
    await until(async () => (await board().overview()).workers.length === 0);
  };

  it("tells what each worker has ended, and forgets it with the worker", async () => {
    const { workerId, stop } = await worker(failing, { kind: "quick", run: async () => null });
    await Promise.all([1, 2, 3].map(() => enqueue({ kind: "quick" })));
    await enqueue({ policy: ONCE });

    const tally = await until(async () => {
      const [only] = (await board().overview()).workers;
      return Object.keys(only?.tally?.kinds ?? {}).length === 2 && only?.tally?.kinds.quick?.done === 3 ? only : null;
    });
    expect(tally).toMatchObject({ workerId, tally: { kinds: { quick: { failed: 0 }, note: { done: 0, failed: 1 } } } });
    expect((await board().overview()).kinds.map(({ kind }) => kind)).toEqual(["note", "quick"]);

    stop.abort();
    await until(async () => (await world.etcd.count(world.etcd.keys.tasks.tallies)) === 0);
  });

  it("lists and counts tasks of every state, and shows each in full", async () => {
    await dead("dead-1");
    const { workerId } = await worker(endless, { kind: "quick", run: async () => ({ sent: 2 }) });
    await moves().pause("note", "ann");
    await enqueue({ id: "ready-1" });
    await enqueue({ id: "ready-9", priority: 9 });
    await enqueue({ id: "later", delayMs: 60_000 });
    await enqueue({ id: "done", kind: "quick" });
    await enqueue({ id: "runs", kind: "long", payload: "p" });
    await until(async () => (await board().show("runs")).progress !== null && (await states("quick")).length === 1);

    const { kinds, running, workers } = await board().overview();

    expect(await states()).toEqual([
      "runs running",
      "ready-9 ready",
      "ready-1 ready",
      "later delayed",
      "dead-1 dead",
      "done done",
    ]);
    expect(await states("note")).toHaveLength(4);
    expect(await board().list({ kind: null, state: "delayed", limit: 1 })).toMatchObject([
      { id: "later", kind: "note" },
    ]);
    expect(await board().list({ kind: "note", state: "delayed", limit: 1 })).toMatchObject([{ id: "later" }]);
    expect(await board().list({ kind: null, state: null, limit: 2 })).toHaveLength(2);
    const there = kinds.filter(({ kind }) => kind !== "quick"); // told of by its worker, sooner or later
    expect(there).toEqual([
      { kind: "long", ready: 0, running: 1, delayed: 0, dead: 0, paused: null },
      { kind: "note", ready: 2, running: 0, delayed: 1, dead: 1, paused: { by: "ann", at: expect.any(Number) } },
    ]);
    expect(running).toMatchObject([
      { id: "runs", workerId, attempt: 1, maxAttempts: 8, priority: 5, progress: { percent: 40, note: "sending" } },
    ]);
    expect(workers).toMatchObject([{ workerId, kinds: null, concurrency: 10, running: 1 }]);
    expect(await board().show("runs")).toMatchObject({ state: "running", workerId, payload: "p", result: null });
    expect(await board().show("later")).toMatchObject({
      state: "delayed",
      dueAt: expect.any(Number),
      payload: { n: 1 },
    });
    expect(await board().show("dead-1")).toMatchObject({
      state: "dead",
      reason: "CHECK_FAILED: no such host",
      attempt: 1,
    });
    expect(await board().show("done")).toMatchObject({ state: "done", kind: "quick", result: { sent: 2 } });
    await moves().cancel("runs", "ann"); // its worker would wait for it
  });

  it("cancels what waits or is dead, and leaves nothing but a result that is kept", async () => {
    await dead("dead-1");
    await enqueue({ id: "ready-1" });
    await enqueue({ id: "later", delayMs: 60_000, policy: { retainMs: 0 } });

    expect(await Promise.all(["ready-1", "later", "dead-1"].map((id) => moves().cancel(id, "ann")))).toEqual([
      ...["cancelled", "cancelled", "cancelled"],
    ]);

    expect(await keysLeft()).toEqual(["tasks/result/dead-1", "tasks/result/ready-1"]);
    expect(await board().show("ready-1")).toMatchObject({ state: "cancelled", reason: "cancelled by ann" });
    await expect(moves().cancel("ready-1", "ann")).rejects.toMatchObject({
      code: "CONFLICT",
      message: "task ready-1 is cancelled",
    });
    await expect(moves().cancel("later", "ann")).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    await expect(board().show("a/b")).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("looks for a task anew where it moved before it could be cancelled", async () => {
    await enqueue({ id: "later", delayMs: 60_000 });
    let commits = 0;
    const commit: Etcd["commit"] = async (operation, options) => {
      commits += 1;
      if (commits === 1) await moves().retry("later");
      return world.etcd.commit(operation, options);
    };

    const answer = await etcdTaskMoves({ ...world.etcd, commit }, systemIds.ulid).cancel("later", "ann");

    expect({ answer, commits }).toEqual({ answer: "cancelled", commits: 2 });
    expect(await keysLeft()).toEqual(["tasks/result/later"]);
  });

  it("asks the worker of a running task to abort it", async () => {
    await worker(endless);
    await enqueue({ id: "runs", kind: "long" });
    await until(async () => (await states())[0] === "runs running");

    expect(await moves().cancel("runs", "ann")).toBe("asked");

    await until(async () => (await states())[0] === "runs cancelled");
    expect(await board().show("runs")).toMatchObject({ reason: "cancelled by ann", attempt: 1 });
    expect((await keysLeft()).filter((key) => !key.startsWith("tasks/worker"))).toEqual(["tasks/result/runs"]);
  });

  it("makes a delayed task ready as it is, and a dead one with all its tries; nothing else", async () => {
    await dead("dead-1");
    await enqueue({ id: "later", delayMs: 60_000 });

    await moves().retry("later");
    await moves().retry("dead-1");

    expect(await board().show("dead-1")).toMatchObject({
      state: "ready",
      attempt: 0,
      reason: "CHECK_FAILED: no such host",
    });
    expect(await states()).toEqual(["dead-1 ready", "later ready"]);
    await expect(moves().retry("later")).rejects.toMatchObject({
      code: "CONFLICT",
      message: "task later is ready already",
    });
  });

  it("redrives the dead of one kind, page by page, and they run", async () => {
    const ids = Array.from({ length: 130 }, (_, n) => `dead-${n}`);
    await dead(...ids);
    const ran: string[] = [];

    expect(await moves().redrive("other")).toBe(0);
    expect(await moves().redrive("note")).toBe(ids.length);

    await worker({ kind: "note", run: async (_payload, { taskId }) => ran.push(taskId) });
    await until(() => ran.length === ids.length);
    expect(ran.sort()).toEqual(ids.sort());
  });

  it("lets no task of a paused kind begin until it is resumed, and tells whether that changed anything", async () => {
    const ran: string[] = [];
    expect(await moves().resume("note")).toBe(false);
    expect(await moves().pause("note", "ann")).toBe(true);
    expect(await moves().pause("note", "bob")).toBe(false);
    const run: TaskHandler["run"] = async (_payload, { taskId }) => ran.push(taskId);
    await worker({ kind: "note", run }, { kind: "other", run });
    await enqueue({ id: "held" });
    await enqueue({ id: "free", kind: "other" });
    await until(() => ran.length === 1);

    expect(await states("note")).toEqual(["held ready"]);
    expect(await moves().resume("note")).toBe(true);

    await until(() => ran.length === 2);
    expect(ran).toEqual(["free", "held"]);
  });

  it("passes over what another hand wrote", async () => {
    const names = [
      ...["", "task//x", "task/No/x", "ready/mail/", "ready//5x", "delay/soon/mail/t", "delay/1/mail/a/b"],
    ];
    names.push(...["dead/mail/", "dead/mail/a/b", "claim/", "claim/a/b", "claim/t9", "progress/t9", "result/t9"]);
    names.push(...["paused/No", "paused/mail", "worker/w", "cancel/t9"]);
    for (const value of ["x", '{"t":"t","a":1,"m":1,"p":1,"b":1,"kind":"mail"}'])
      for (const name of names) {
        const key = `${world.prefix}tasks/${name}`;
        const present = await world.etcd.get(key);
        const when = [{ key, modRevision: present?.modRevision ?? 0 }];
        const settle = async () => ({ was: "lost" as const });
        await world.etcd.commit({ what: "t", when, apply: [put(key, Buffer.from(value))], answer: () => {}, settle });
      }
    await enqueue({ id: "t1" });

    const { kinds, workers } = await board().overview();

    expect(kinds.map(({ kind }) => kind)).toEqual(["mail", "note"]); // paused counts, whatever is in it
    expect(workers).toEqual([]);
    expect(await states("note")).toEqual(["t1 ready"]);
    expect(await states()).toEqual(["t9 running", "t1 ready", "t9 done"]);
    expect(await moves().redrive(null)).toBe(0);
    await expect(moves().retry("t")).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("counts a task whose worker died as ready", async () => {
    const { workerId } = await worker(endless);
    await enqueue({ id: "runs", kind: "long" });
    await until(async () => (await states())[0] === "runs running");
    const claim = await world.etcd.get(world.etcd.keys.tasks.claim("runs"));

    await moves().pause("long", "ann");
    await world.etcd.revokeLease(claim!.leaseId);
    const { kinds } = await board().overview();

    expect(kinds).toMatchObject([{ kind: "long", ready: 1, running: 0 }]);
    expect(await states()).toEqual(["runs ready"]);
    expect(await board().show("runs")).toMatchObject({ state: "ready", attempt: 1, workerId: null });
    expect(await moves().cancel("runs", "bob")).toBe("cancelled");
    expect(workerId).toBe(JSON.parse(String(claim!.value)).workerId);
  });
});
