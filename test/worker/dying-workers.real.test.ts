import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { etcdClient } from "../../src/etcd/client.ts";
import { etcdTaskQueue } from "../../src/etcd/tasks/enqueue.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { systemIds } from "../../src/runtime/ids.ts";
import { startChild } from "../embedded/etcd/child.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { fullCount } from "../support/full-count.ts";
import { until } from "../support/until.ts";

const LEASE_MS = 5_000; // of worker-child.ts
const AGAIN_MS = LEASE_MS + 5_000;
const SLACK_MS = 15_000; // on a machine that is busy; who waits for more than the lease waits for ever
const TIMES = fullCount(1, 20);

const endpoint = inject("etcdEndpoint");

/** A prefix and a folder for effects of one test's own; its workers end with it. */
async function openWorld() {
  const prefix = etcdPrefix();
  const folder = await mkdtemp(join(tmpdir(), "rig-effects-"));
  const etcd = etcdClient({ endpoints: [endpoint as string], prefix });
  const children: { kill(name: NodeJS.Signals): Promise<void> }[] = [];
  return {
    etcd,
    effects: () => readdir(folder),
    enqueue: (maxAttempts = 5) =>
      etcdTaskQueue(etcd, { newId: systemIds.ulid }).enqueue({
        kind: "effect",
        payload: null,
        policy: { maxAttempts },
      }),
    /** A worker of a process of its own, and what it has said. */
    worker(stopAt = "") {
      const file = new URL("./worker-child.ts", import.meta.url);
      const child = startChild(file, endpoint as string, prefix, folder, stopAt);
      const lines: string[] = [];
      const reading = (async () => {
        for await (const line of child.lines) lines.push(line);
      })();
      const started = {
        lines,
        said: (words: string) => until(() => lines.find((line) => line.includes(words)), { what: words }),
        signal: (name: NodeJS.Signals) => child.process.kill(name),
        async kill(name: NodeJS.Signals) {
          child.process.kill(name);
          await child.ended;
          await reading;
        },
      };
      children.push(started);
      return started;
    },
    async close() {
      for (const { kill } of children) await kill("SIGKILL");
      await etcd.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A test in a world of its own, so that several may run side by side: they mostly wait for leases to end. */
const alone = (body: (world: Awaited<ReturnType<typeof openWorld>>) => Promise<void>) => async () => {
  const world = await openWorld();
  try {
    await body(world);
  } finally {
    await world.close();
  }
};

describe.skipIf(endpoint === null).concurrent("workers that die", () => {
  // Compiles what a worker is made of, which takes seconds, once: eight of them at a time did it each for itself.
  beforeAll(alone(async ({ worker }) => void (await worker().said("works"))));

  describe.each(Array.from({ length: TIMES }, (_, i) => i + 1))("time %i", () => {
    for (const stopAt of ["before effect", "after effect", "before ack"])
      it(
        `leave their task to another within lease and 5 s where they are killed ${stopAt}, and it takes effect once`,
        alone(async ({ worker, enqueue, effects }) => {
          const { id } = await enqueue();
          const first = worker(stopAt);
          await first.said(stopAt === "before ack" ? `about to end ${id}` : `runs ${id} try 1`);
          if (stopAt === "after effect") await first.said(`effect ${id}`);
          const second = worker();
          await second.said("works");

          await first.kill("SIGKILL");
          const killedAt = systemClock.monotonic();
          await second.said(`ended ${id} done`);

          expect(systemClock.monotonic() - killedAt).toBeLessThan(AGAIN_MS + SLACK_MS);
          expect(second.lines.join("\n")).toMatch(new RegExp(`^runs ${id} try [2-9]$`, "m")); // the third, where its own lease was late
          expect(await effects()).toEqual([id]);
          expect([...first.lines, ...second.lines].filter((line) => line === `effect ${id}`)).toHaveLength(1);
        }),
        60_000,
      );

    it(
      "that were paused past their lease have their end refused when they go on",
      alone(async ({ etcd, worker, enqueue }) => {
        const { id } = await enqueue();
        const paused = worker("after effect");
        await paused.said(`effect ${id}`);
        const other = worker();
        await other.said("works");

        paused.signal("SIGSTOP");
        await other.said(`ended ${id} done`);
        paused.signal("SIGCONT");

        await paused.said("lease lost");
        const result = await etcd.get(etcd.keys.tasks.result(id));
        const { state, result: attempt } = JSON.parse(String(result?.value));
        expect([state, attempt > 1]).toEqual(["done", true]);
        expect(paused.lines.filter((line) => line.startsWith("ended"))).toEqual([]);
        expect(await etcd.get(etcd.keys.tasks.task("effect", id))).toBeNull();
      }),
    );

    it(
      "by the hand of one task end with that task dead",
      alone(async ({ etcd, worker, enqueue }) => {
        const { id } = await enqueue(2);
        const deadKey = etcd.keys.tasks.dead("effect", id);
        const dying = [worker("crash"), worker("crash"), worker("crash")];

        const dead = await until(() => etcd.get(deadKey), { limitMs: 60_000, stepMs: 200, what: "the task is dead" });

        expect(JSON.parse(String(dead.value))).toMatchObject({ a: 2, r: expect.stringContaining("2 of 2 tries") });
        const runs = dying.flatMap(({ lines }) => lines.filter((line) => line.startsWith(`runs ${id}`)));
        expect(runs.sort()).toEqual([`runs ${id} try 1`, `runs ${id} try 2`]);
      }),
    );

    it(
      "as leaders lose no run of a schedule, and none is run twice",
      alone(async ({ etcd, worker, effects: done }) => {
        const [first, second] = [worker("leader"), worker("leader")];
        const leads = await until(() => [first, second].find(({ lines }) => lines.includes("leads")));
        const heir = leads === first ? second : first;
        await until(() => leads.lines.concat(heir.lines).filter((line) => line.startsWith("effect ")).length >= 3);

        await leads.kill("SIGKILL");
        await heir.said("leads");
        const before = heir.lines.length;
        await until(() => heir.lines.slice(before).filter((line) => line.startsWith("effect ")).length >= 3);

        await heir.kill("SIGTERM");
        const there = await done();
        const effects = [...leads.lines, ...heir.lines].filter((line) => line.startsWith("effect "));
        expect(new Set(effects).size).toBe(effects.length);
        expect(effects.map((line) => line.slice("effect ".length)).sort()).toEqual(there.sort());
        const mark = await etcd.get(etcd.keys.tasks.schedule("every-second"));
        const lastFired = Number(JSON.parse(String(mark?.value)).at);
        expect(Date.now() - lastFired).toBeLessThan(20_000);
      }),
    );
  });
});
