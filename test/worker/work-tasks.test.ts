import { expect, it } from "vitest";
import { taskOf } from "../../src/domain/task.ts";
import type { ReadyTask, TaskClaims, TaskEnd } from "../../src/services/tasks.ts";
import { TaskCounters } from "../../src/worker/task-counters.ts";
import { workTasks } from "../../src/worker/work-tasks.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

const waiting: ReadyTask = { id: "t1", kind: "note", priority: 5, attempt: 0, maxAttempts: 8, limitKey: null };

/** A worker with one task, which runs until it is aborted. */
function worker(more: Partial<TaskClaims> = {}) {
  const clock = fakeClock();
  const stop = new AbortController();
  const ready = [waiting];
  const ends: TaskEnd[] = [];
  let isSure = true;
  const putBacks = new Set<() => Promise<void>>();
  const claims: TaskClaims = {
    claim: async () => ({
      task: taskOf({ kind: "note", payload: null, id: "t1" }, 0, () => ""),
      attempt: 1,
      claim: { token: "x" },
    }),
    end: async (_claimed, end) => ends.push(end) > 0,
    progress: async () => true,
    ...more,
  };
  const working = workTasks(
    {
      ready: {
        take: () => ready.shift() ?? null,
        giveBack: (task) => void ready.push(task),
        cancelledBy: () => null,
        hasPlace: () => true,
        get size() {
          return ready.length;
        },
        follow: (_calls, signal) => clock.sleep(Number.POSITIVE_INFINITY, signal),
      },
      claims,
      lease: {
        isSure: () => isSure,
        onRegranted(putBack) {
          putBacks.add(putBack);
          return () => putBacks.delete(putBack);
        },
      },
      handlers: new Map([
        [
          "note",
          {
            kind: "note",
            run: (_payload, { signal }) => clock.sleep(50_000, signal).then(() => signal.throwIfAborted()),
          },
        ],
      ]),
      ...{ concurrency: 1, counters: new TaskCounters(), clock, random: () => 0, log: silentLog },
    },
    stop.signal,
  );
  const loseTouch = () => {
    isSure = false;
  };
  return { clock, stop, ends, putBacks, loseTouch, working };
}

it("lets go of what runs where its lease was lost and granted again, be it never so quickly", async () => {
  const { clock, stop, ends, putBacks, working } = worker();
  await clock.advance(1_000);

  for (const putBack of putBacks) await putBack();
  await clock.advance(1_000);

  expect(ends).toEqual([{ how: "handed back", isTryCounted: true }]);
  stop.abort();
  await clock.advance(1_000);
  await working;
  expect(putBacks.size).toBe(0);
});

it("hands back what has not ended in time when it is told to stop", async () => {
  const { clock, stop, ends, working } = worker();
  await clock.advance(1_000);

  stop.abort();
  await clock.advance(3_900);
  expect(ends).toEqual([]);
  await clock.advance(200);

  await working;
  expect(ends).toEqual([{ how: "handed back", isTryCounted: false }]);
});

const neverNoted: TaskClaims["end"] = (_claimed, _end, signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

it("waits for nothing where its lease is in doubt: what ran was aborted, and its end cannot be noted", async () => {
  const { clock, stop, loseTouch, working } = worker({ end: neverNoted });
  await clock.advance(1_000);

  loseTouch();
  await clock.advance(500);
  stop.abort();
  await clock.advance(0);

  await working;
});

it("waits no longer once its lease comes to be in doubt while it stops", async () => {
  const { clock, stop, loseTouch, working } = worker({ end: neverNoted });
  await clock.advance(1_000);

  stop.abort();
  await clock.advance(2_000);
  loseTouch();
  await clock.advance(500);

  await working;
});

it("waits no longer than 6.5 s for an etcd that is away when it is told to stop", async () => {
  const { clock, stop, working } = worker({ end: neverNoted });
  await clock.advance(1_000);

  stop.abort();
  await clock.advance(6_500);

  await working;
});
