import { describe, expect, it } from "vitest";
import { RigError } from "../../../src/domain/errors.ts";
import { taskOf } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import type { Operation } from "../../../src/etcd/operation.ts";
import type { ProcessLease } from "../../../src/etcd/process-lease.ts";
import { claimTask, type IndexedTask } from "../../../src/etcd/tasks/claim.ts";
import { writeReady, writeTask } from "../../../src/etcd/tasks/records.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeEtcd } from "../../support/fake-etcd.ts";
import { groupCommit } from "../../support/held-etcd.ts";

const keys = etcdKeys("/t/");
const task = taskOf({ kind: "note", payload: { n: 1 }, id: "t1" }, 0, () => "");
const unknown = () => new RigError("ETCD_AMBIGUOUS", "no answer in time");

/** A task that is ready, in a store whose commits and reads fail while `failures` say so. */
async function readyTask(failures: { commits?: ("before" | "behind")[]; reads?: number; lease?: string } = {}) {
  const clock = fakeClock();
  const store = fakeEtcd(new Set(["7"]));
  const commits = groupCommit(store, clock);
  const index = { token: "o", attempt: 0, maxAttempts: 8, priority: 5, taskBytes: 500, limitKey: null, reason: null };
  const readyKey = keys.tasks.ready("note", 5, "t1");
  store.set(keys.alive("w1"), "", "7");
  store.set(keys.tasks.task("note", "t1"), writeTask({ task, token: "o", dueAt: null }).toString());
  store.set(readyKey, writeReady({ ...index, claimed: false }).toString());
  const revisionOf = async (key: string) => (await store.read(key))?.modRevision ?? 0;
  const guard = { leaseId: "7", aliveKey: keys.alive("w1"), aliveRevision: await revisionOf(keys.alive("w1")) };
  const { commits: faults = [], reads = 0 } = failures;
  let unread = reads;
  let tokens = 0;
  const etcd = {
    ...{ keys, clock },
    async commit<T>(operation: Operation<T>) {
      const fault = faults.shift();
      if (fault === "before") throw unknown();
      const answer = await commits.commit(operation);
      if (fault === "behind") throw unknown();
      return answer;
    },
    async get(key: string) {
      if (unread-- > 0) throw new RigError("ETCD_UNREACHABLE", "away");
      return store.read(key);
    },
  };
  const lease = { processId: "w1", token: () => `w1/${++tokens}`, guard: () => guard, suspect: () => {} };
  const indexed: IndexedTask = {
    ...{ ...index, id: "t1", kind: "note", key: readyKey, modRevision: await revisionOf(readyKey) },
  };
  const claim = (signal: AbortSignal) =>
    claimTask(etcd as unknown as Etcd, lease as unknown as ProcessLease, { indexed, placeKey: null }, signal);
  return { clock, store, claim };
}

describe("a claim", () => {
  it.each([
    ["was applied", ["behind"] as const],
    ["was not applied", ["before"] as const],
    ["was applied by the second try", ["before", "behind"] as const],
  ])("of which nobody knows is asked for until it is known: it %s", async (_what, faults) => {
    const { clock, claim } = await readyTask({ commits: [...faults] });

    const claiming = claim(new AbortController().signal);
    await clock.advance(2_000);

    expect(await claiming).toMatchObject({ task: { id: "t1", payload: { n: 1 } }, attempt: 1 });
  });

  it("that is ours is not let go of where its task cannot be read for now", async () => {
    const { clock, claim } = await readyTask({ commits: ["behind"], reads: 3 });

    const claiming = claim(new AbortController().signal);
    await clock.advance(3_000);

    expect(await claiming).toMatchObject({ task: { id: "t1", payload: { n: 1 } }, attempt: 1 });
  });

  it("of which nobody knows is another's where that one came first", async () => {
    const { clock, store, claim } = await readyTask({ commits: ["before"] });

    const claiming = claim(new AbortController().signal);
    await clock.advance(0);
    store.set(keys.tasks.claim("t1"), JSON.stringify({ token: "w2/1" }));
    await clock.advance(2_000);

    expect(await claiming).toBe("lost");
  });

  it("of which nobody knows is given up when the worker is told to", async () => {
    const { clock, claim } = await readyTask({ commits: ["before", "before", "before"] });
    const stop = new AbortController();

    const claiming = claim(stop.signal).catch((error: unknown) => error);
    await clock.advance(0);
    stop.abort();

    expect(await claiming).toMatchObject({ code: "ETCD_AMBIGUOUS" });
  });
});
