import { describe, expect, it } from "vitest";
import { fakeClock } from "../support/fake-clock.ts";
import { fakeEtcd } from "../support/fake-etcd.ts";
import { create, groupCommit, heldEtcd } from "../support/held-etcd.ts";
import { until } from "../support/until.ts";

const grpc = (code: number, text: string) => Object.assign(new Error(`${code} SOME_CODE: ${text}`), { code });
const tooLate = () => grpc(4, "Deadline exceeded");

describe("an answer that never came", () => {
  it("is settled by reading: applied is success", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const both = Promise.all([commits.commit(create("a", "1")), commits.commit(create("b", "2"))]);
    await until(() => etcd.held.length === 1);

    etcd.held[0]!.fail(tooLate(), true);

    expect(await both).toEqual([true, true]);
    expect(etcd.held).toHaveLength(1);
  });

  it.each([
    ["operations", {}],
    ["leased ones", { guard: { leaseId: "1", aliveKey: "alive/me", aliveRevision: 0 } }],
  ])("is settled by reading where the answer lacks those of its parts: %s", async (_what, more) => {
    const etcd = fakeEtcd();
    const txn: typeof etcd.txn = async (asked) => ({ ...(await etcd.txn(asked)), steps: [] });
    const commits = groupCommit({ ...etcd, txn });

    const both = Promise.all([commits.commit(create("a", "1", more)), commits.commit(create("b", "2", more))]);

    expect(await both).toEqual([true, true]);
  });

  it("is settled by reading: what was not applied is sent again", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const creation = commits.commit(create("a", "1"));
    await until(() => etcd.held.length === 1);

    etcd.held[0]!.fail(tooLate());
    await until(() => etcd.held.length === 2);
    etcd.held[1]!.go();

    expect(await creation).toBe(true);
  });

  it("counts as won where the first try landed after all, behind the reading", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const creation = commits.commit(create("a", "1"));
    await until(() => etcd.held.length === 1);

    etcd.held[0]!.fail(tooLate());
    await until(() => etcd.held.length === 2);
    etcd.set("a", "1"); // the late one
    etcd.held[1]!.go();

    expect(await creation).toBe(true);
  });

  it("is an error where somebody else wrote meanwhile, never success", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const creation = commits.commit(create("a", "1"));
    await until(() => etcd.held.length === 1);

    etcd.set("a", "somebody else's");
    etcd.held[0]!.fail(tooLate());

    await expect(creation).rejects.toMatchObject({ code: "ETCD_AMBIGUOUS" });
  });

  it("is an error at the caller's deadline where etcd stays silent", async () => {
    const clock = fakeClock();
    const etcd = heldEtcd();
    const commits = groupCommit({ ...etcd, read: () => Promise.reject(tooLate()) }, clock);
    const creation = commits.commit(create("a", "1")).catch((error) => error);
    await until(() => etcd.held.length === 1);

    etcd.held[0]!.fail(tooLate());
    await clock.advance(2_600);

    expect(await creation).toMatchObject({ code: "ETCD_AMBIGUOUS" });
    await commits.close();
  });

  it("stays in doubt where a later try is refused: the first one may still land", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const creation = commits.commit(create("a", "1")).catch((error) => error);
    await until(() => etcd.held.length === 1);

    etcd.held[0]!.fail(tooLate());
    await until(() => etcd.held.length === 2);
    etcd.held[1]!.fail(grpc(14, "No connection established. Last error: connect ECONNREFUSED"));

    expect(await creation).toMatchObject({ code: "ETCD_AMBIGUOUS" });
  });

  it.each([
    ["applied", true],
    ["not applied", "OVERLOADED"],
  ] as const)("for want of space is settled by reading, and not sent again: %s is %s", async (_, outcome) => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const creation = commits.commit(create("a", "1")).catch((error) => error.code);
    await until(() => etcd.held.length === 1);

    etcd.held[0]!.fail(grpc(8, "etcdserver: mvcc: database space exceeded"), outcome === true);

    expect(await creation).toBe(outcome);
    expect(etcd.held).toHaveLength(1);
  });

  it("holds back later writes of the same key until it is settled, and no others", async () => {
    const etcd = heldEtcd();
    let readable: () => void = () => {};
    const mayRead = new Promise<void>((resolve) => {
      readable = resolve;
    });
    const commits = groupCommit({ ...etcd, read: (key) => mayRead.then(() => etcd.read(key)) });
    const first = commits.commit(create("a", "1"));
    await until(() => etcd.held.length === 1);
    etcd.held[0]!.fail(tooLate(), true);

    const same = commits.commit(create("a", "2"));
    const other = commits.commit(create("b", "3"));
    await until(() => etcd.held.length === 2);
    etcd.held[1]!.go();
    expect(await other).toBe(true);
    expect(etcd.held).toHaveLength(2);
    readable();
    await until(() => etcd.held.length === 3);
    etcd.held[2]!.go();

    expect(await first).toBe(true);
    expect(await same).toBe(false);
  });
});

describe("callers who do not wait", () => {
  it("tells a caller whose deadline passed in the queue that nothing was sent", async () => {
    const clock = fakeClock();
    const etcd = heldEtcd();
    const commits = groupCommit(etcd, clock);
    const flying = commits.commit(create("a", "1"), { deadlineMs: 60_000 });
    await until(() => etcd.held.length === 1);

    const queued = commits.commit(create("b", "2"), { deadlineMs: 100 }).catch((error) => error);
    await clock.advance(200);

    expect(await queued).toMatchObject({ code: "ETCD_UNREACHABLE" });
    etcd.held[0]!.go();
    expect(await flying).toBe(true);
    expect(etcd.value("b")).toBeNull();
    await commits.close();
  });

  it.each([0, -1])("sends nothing for a caller who has %i ms left", async (deadlineMs) => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);

    await expect(commits.commit(create("a", "1"), { deadlineMs })).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });

    expect(etcd.held).toHaveLength(0);
  });

  it("ends only the wait of one who aborts on the way", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const impatient = new AbortController();
    const gone = commits.commit(create("a", "1"), { signal: impatient.signal }).catch((error) => error);
    const other = commits.commit(create("b", "2"));
    await until(() => etcd.held.length === 1);

    impatient.abort(new Error("left"));
    expect((await gone).message).toBe("left");
    etcd.held[0]!.go();

    expect(await other).toBe(true);
    expect(etcd.value("a")).toBe("1");
  });

  it("says unreachable, not ambiguous, where the call never left this machine", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const creation = commits.commit(create("a", "1")).catch((error) => error);
    await until(() => etcd.held.length === 1);

    etcd.held[0]!.fail(grpc(14, "No connection established. Last error: connect ECONNREFUSED"));

    expect(await creation).toMatchObject({ code: "ETCD_UNREACHABLE" });
  });

  it("refuses all that wait when it is closed, and says of what is on its way that nobody knows", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const flying = commits.commit(create("a", "1")).catch((error) => error);
    await until(() => etcd.held.length === 1);
    const waiting = commits.commit(create("c", "1")).catch((error) => error);

    const closed = commits.close();
    etcd.held[0]!.go();
    await closed;

    expect(await waiting).toMatchObject({ code: "ETCD_UNREACHABLE" });
    expect(await flying).toMatchObject({ code: "ETCD_AMBIGUOUS" });
    expect(etcd.value("a")).toBe("1");
    await expect(commits.commit(create("b", "1"))).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });
  });
});
