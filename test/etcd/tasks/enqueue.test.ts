import { describe, expect, it } from "vitest";
import type { TaskOrder } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import { etcdTaskQueue } from "../../../src/etcd/tasks/enqueue.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeEtcd } from "../../support/fake-etcd.ts";
import { groupCommit } from "../../support/held-etcd.ts";

const keys = etcdKeys("/t/");

function queue() {
  const clock = fakeClock();
  const store = fakeEtcd();
  const commits = groupCommit(store, clock);
  const etcd = { keys, clock, commit: commits.commit.bind(commits), count: async () => 0 } as unknown as Etcd;
  let ids = 0;
  const { enqueue } = etcdTaskQueue(etcd, { newId: () => `id${++ids}` });
  return { clock, store, order: (order: Partial<TaskOrder>) => enqueue({ kind: "note", payload: 1, ...order }) };
}

describe("an order", () => {
  it("is taken again under its id where all of the first is over, its dedupe mark too", async () => {
    const { clock, store, order } = queue();
    const twice = { id: "t1", dedupeKey: "k", dedupeMs: 10 };
    await order(twice);
    for (const key of [keys.tasks.task("note", "t1"), keys.tasks.ready("note", 5, "t1")]) store.remove(key);

    const within = await order(twice);
    await clock.advance(11);
    const behind = await order(twice);
    const again = await order(twice);

    expect([within, behind, again].map(({ created }) => created)).toEqual([false, true, false]);
  });

  it.each([
    ["a bigint", 1n],
    ["nothing", undefined],
  ])("is refused where its payload is %s", async (_what, payload) => {
    await expect(queue().order({ payload })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});
