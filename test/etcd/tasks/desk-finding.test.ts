import { describe, expect, it } from "vitest";
import { taskOf } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import { findTask } from "../../../src/etcd/tasks/desk-finding.ts";
import { writeCourse, writeTask } from "../../../src/etcd/tasks/records.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const HOUR = 3_600_000;
const keys = etcdKeys("/t/");
const clock = fakeClock();
const order = { kind: "note", payload: null, id: "t1", policy: { backoff: { floorMs: 0, ceilingMs: HOUR } } };
const task = taskOf(order, clock.now(), () => "");
const course = { token: "o", attempt: 0, maxAttempts: 8, priority: 5, taskBytes: 99, limitKey: null, reason: null };

/** A store with this task, first due at one instant and waiting at another, and the stretches of `tasks/delay/` that were read. */
function storeWith({ firstDueAt, dueAt }: { firstDueAt: number | null; dueAt: number }) {
  const values = new Map([
    [keys.tasks.task("note", "t1"), writeTask({ task, token: "o", dueAt: firstDueAt })],
    [keys.tasks.delay(dueAt, "note", "t1"), writeCourse(course)],
  ]);
  const entry = (key: string) => {
    const value = values.get(key);
    return value ? { key, value, createRevision: 1, modRevision: 1, leaseId: "0" } : null;
  };
  const stretches: string[] = [];
  const etcd = {
    ...{ keys, clock, get: async (key: string) => entry(key) },
    async page({ from, before }: { from: string; before: string }) {
      if (from.startsWith(keys.tasks.allDelayed)) stretches.push(before);
      return [...values.keys()]
        .filter((key) => key >= from && key < before)
        .sort()
        .flatMap((key) => entry(key) ?? []);
    },
  } as unknown as Etcd;
  return { etcd, stretches };
}

describe("a delayed task", () => {
  it("that was not tried yet is found without a look at any other, however late it is due", async () => {
    const dueAt = clock.now() + 1_000 * HOUR;
    const { etcd, stretches } = storeWith({ firstDueAt: dueAt, dueAt });

    expect(await findTask(etcd, "t1")).toMatchObject({ state: "delayed", task: { id: "t1" } });
    expect(stretches).toEqual([]);
  });

  it.each([null, clock.now() - HOUR])(
    "that failed is looked for up to its longest wait, first due at %s",
    async (firstDueAt) => {
      const { etcd, stretches } = storeWith({ firstDueAt, dueAt: clock.now() + HOUR });

      expect(await findTask(etcd, "t1")).toMatchObject({ state: "delayed" });
      expect(stretches).toEqual([keys.tasks.delayedUntil(clock.now() + HOUR + 60_000)]);
    },
  );

  it("is found in the end where the clock of its worker was hours ahead", async () => {
    const { etcd, stretches } = storeWith({ firstDueAt: null, dueAt: clock.now() + 9 * HOUR });

    expect(await findTask(etcd, "t1")).toMatchObject({ state: "delayed" });
    expect(stretches).toHaveLength(5);
  });
});
