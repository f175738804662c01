import { describe, expect, it } from "vitest";
import { taskOf } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import type { ProcessLease } from "../../../src/etcd/process-lease.ts";
import type { HeldClaim, IndexedTask } from "../../../src/etcd/tasks/claim.ts";
import type { EtcdReadyTasks } from "../../../src/etcd/tasks/ready-tasks.ts";
import { etcdTaskClaims } from "../../../src/etcd/tasks/task-claims.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeEtcd } from "../../support/fake-etcd.ts";
import { groupCommit } from "../../support/held-etcd.ts";

const keys = etcdKeys("/t/");
const task = taskOf({ kind: "note", payload: null, id: "t1" }, 0, () => "");

describe("a word of progress", () => {
  it("that is on its way while its task ends goes with the task", async () => {
    const clock = fakeClock();
    const store = fakeEtcd(new Set(["7"]));
    const commits = groupCommit(store, clock);
    store.set(keys.alive("w1"), "", "7");
    const claimKey = keys.tasks.claim("t1");
    store.set(claimKey, "{}", "7");
    const revision = async (key: string) => (await store.read(key))?.modRevision ?? 0;
    const guard = { leaseId: "7", aliveKey: keys.alive("w1"), aliveRevision: await revision(keys.alive("w1")) };
    const indexed = { key: keys.tasks.ready("note", 5, "t1"), id: "t1", kind: "note", priority: 5 } as IndexedTask;
    const held = { token: "w1/1", claimKey, modRevision: await revision(claimKey), indexed, placeKey: null };
    const claims = etcdTaskClaims(
      { keys, clock, commit: commits.commit.bind(commits) } as unknown as Etcd,
      { token: () => "w1/2", guard: () => guard } as unknown as ProcessLease,
      { cancelledBy: () => null } as unknown as EtcdReadyTasks,
    );
    const claimed = { task, attempt: 1, claim: held as unknown as HeldClaim };

    const ended = await Promise.all([
      claims.progress(claimed, 100, ""),
      claims.end(claimed, { how: "done", result: null }, new AbortController().signal),
    ]);

    expect(ended).toEqual([true, true]);
    expect(store.value(keys.tasks.progress("t1"))).toBeNull();
  });
});
