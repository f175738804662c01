import { describe, expect, it } from "vitest";
import { absent, type LeaseGuard, type Operation, put, remove } from "../../src/etcd/operation.ts";
import { type FakeEtcd, fakeEtcd } from "../support/fake-etcd.ts";
import { create, groupCommit, heldEtcd } from "../support/held-etcd.ts";
import { until } from "../support/until.ts";

const partsOf = (etcd: FakeEtcd) => etcd.requests.map((r) => r.success?.filter((step) => step.request_txn).length || 1);

describe("what shares an outer transaction", () => {
  it("sends one operation alone as a plain transaction, at once", async () => {
    const etcd = fakeEtcd();
    const commits = groupCommit(etcd);

    expect(await commits.commit(create("a", "1"))).toBe(true);

    expect(etcd.requests).toHaveLength(1);
    expect(etcd.requests[0]?.compare).toHaveLength(1);
  });

  it("carries the operations of one tick together", async () => {
    const etcd = fakeEtcd();
    const commits = groupCommit(etcd);

    await Promise.all([1, 2, 3].map((n) => commits.commit(create(`k${n}`, "v"))));

    expect(partsOf(etcd)).toEqual([3]);
  });

  it("counts against etcd's quota, by a put in a branch that is never taken, unless it only removes", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const removal = (key: string) => create(key, "", { apply: [remove(key)], answer: () => true });
    const branch = async (operations: readonly Operation<boolean>[]) => {
      const all = Promise.all(operations.map((each) => commits.commit(each)));
      const held = await until(() => etcd.held.shift());
      held.go();
      await all;
      return etcd.requests.at(-1)?.failure;
    };

    expect(await branch([removal("a"), create("b", "v")])).toMatchObject([{ request_put: { key: Buffer.from("b") } }]);
    expect(await branch([removal("a"), removal("b")])).toEqual([]);
  });

  it("gathers while an outer flies, and starts a second only for 32", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const first = commits.commit(create("first", "v"));
    await until(() => etcd.held.length === 1);

    const few = Array.from({ length: 31 }, (_, n) => commits.commit(create(`k${n}`, "v")));
    await new Promise<void>((done) => setImmediate(done));
    expect(etcd.held).toHaveLength(1);
    const full = commits.commit(create("k31", "v"));
    await until(() => etcd.held.length === 2);
    for (const { go } of etcd.held) go();

    expect(await Promise.all([first, full, ...few])).not.toContain(false);
    expect(partsOf(etcd)).toEqual([1, 32]);
  });

  it("carries 96 at most", async () => {
    const etcd = fakeEtcd();
    const commits = groupCommit(etcd);

    await Promise.all(Array.from({ length: 100 }, (_, n) => commits.commit(create(`k${n}`, "v"))));

    expect(partsOf(etcd)).toEqual([96, 4]);
  });

  it("never lets two win that look at what the other writes", async () => {
    const etcd = fakeEtcd();
    const commits = groupCommit(etcd);
    const ifNo = (other: string, key: string) =>
      create(key, "v", { when: [absent(other)], otherwise: [], answer: (o) => o.succeeded });

    const won = await Promise.all([commits.commit(ifNo("y", "x")), commits.commit(ifNo("x", "y"))]);

    expect(won).toEqual([true, false]);
  });

  it("lets exactly one of 50 that create the same key win, the first", async () => {
    const etcd = fakeEtcd();
    const commits = groupCommit(etcd);

    const won = await Promise.all(Array.from({ length: 50 }, (_, n) => commits.commit(create("k", `v${n}`))));

    expect(won.indexOf(true)).toBe(0);
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(partsOf(etcd).every((parts) => parts === 1)).toBe(true);
  });

  it("keeps a delete and a put of one key in order of arrival", async () => {
    const etcd = fakeEtcd();
    etcd.set("k", "old");
    const commits = groupCommit(etcd);
    const removal: Operation<void> = {
      what: "remove",
      when: [],
      apply: [remove("k")],
      answer: () => {},
      settle: async () => ({ was: "not applied" }),
    };

    const [, created] = await Promise.all([commits.commit(removal), commits.commit(create("k", "new"))]);

    expect(created).toBe(true);
    expect(etcd.value("k")).toBe("new");
  });
});

describe("one operation's trouble is its own", () => {
  const alive = (etcd: FakeEtcd): LeaseGuard => {
    etcd.set("alive/p", "7", "7"); // the first write of an empty store: revision 2
    return { leaseId: "7", aliveKey: "alive/p", aliveRevision: 2 };
  };

  it("refuses a put under a guard that no longer stands, and nothing else", async () => {
    const etcd = fakeEtcd(new Set(["7"]));
    const guard = alive(etcd);
    etcd.remove("alive/p");
    const commits = groupCommit(etcd);

    const leased = commits.commit(create("leased", "v", { guard, apply: [put("leased", Buffer.from("v"), "7")] }));
    const plain = commits.commit(create("plain", "v"));

    await expect(leased).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await plain).toBe(true);
    expect(etcd.value("leased")).toBeNull();
    expect(etcd.requests).toHaveLength(1);
  });

  it("compares a guard once for all who stand under it, and answers each its own", async () => {
    const etcd = fakeEtcd(new Set(["7"]));
    const guard = alive(etcd);
    etcd.set("taken", "v");
    const commits = groupCommit(etcd);
    const under = (which: LeaseGuard, key: string) =>
      commits.commit(create(key, "mine", { guard: which })).catch((e) => e.code);
    const stale = { ...guard, aliveRevision: 1 };

    const answers = await Promise.all([
      ...[under(guard, "a"), under(stale, "b"), commits.commit(create("c", "mine"))],
      ...[under(guard, "taken"), under(stale, "d"), under(guard, "e")],
    ]);

    expect(answers).toEqual([true, "LEASE_LOST", true, false, "LEASE_LOST", true]);
    expect(["a", "b", "c", "d", "e"].map(etcd.value)).toEqual(["mine", null, "mine", null, "mine"]);
    expect(partsOf(etcd)).toEqual([3]);
  });

  it("finds the one put on a dead lease by halves, where its guard let it pass", async () => {
    const etcd = fakeEtcd(new Set());
    const guard = alive(etcd); // alive is there, its lease is not
    const commits = groupCommit(etcd);

    const leased = commits.commit(create("leased", "v", { guard, apply: [put("leased", Buffer.from("v"), "7")] }));
    const others = Promise.all(Array.from({ length: 89 }, (_, n) => commits.commit(create(`k${n}`, "v"))));

    await expect(leased).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(new Set(await others)).toEqual(new Set([true]));
  });

  it("refuses what is too large before it is sent", async () => {
    const etcd = fakeEtcd();
    const commits = groupCommit(etcd);

    const large = commits.commit(create("large", "v", { apply: [put("large", Buffer.alloc(2 ** 20))] }));
    const small = commits.commit(create("small", "v"));

    await expect(large).rejects.toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      message: expect.stringContaining("the value of large has 1048576"),
    });
    expect(await small).toBe(true);
    expect(etcd.requests).toHaveLength(1);
  });

  it.each([
    ["", "1 to 4096 characters, got 0"],
    ["k".repeat(4_097), "1 to 4096 characters, got 4097"],
    ["half \ud800 a pair", "valid UTF-8"],
  ])("refuses the key %j, naming it, and nothing else", async (key, reason) => {
    const etcd = fakeEtcd();
    const commits = groupCommit(etcd);

    const bad = commits.commit(create(key, "v"));
    const good = commits.commit(create("good", "v"));

    await expect(bad).rejects.toMatchObject({ code: "INVALID_INPUT", faults: [{ field: "key" }] });
    await expect(bad).rejects.toThrow(reason);
    expect(await good).toBe(true);
  });

  it("sends what all together were refused once, not in halves, where no part is to blame", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const refused = Promise.all([1, 2, 3].map((n) => commits.commit(create(`k${n}`, "v")).catch((e) => e.code)));
    await until(() => etcd.held.length === 1);

    etcd.held[0]!.fail(Object.assign(new Error("etcdserver: too many requests"), { code: 8 }));

    expect(await refused).toEqual(["OVERLOADED", "OVERLOADED", "OVERLOADED"]);
    expect(etcd.held).toHaveLength(1);
  });

  it.each([
    [27, "passes"],
    [28, "is refused"],
  ])("counts the guard among 28 compares: with %i of its own an operation %s", async (compares, verdict) => {
    const etcd = fakeEtcd(new Set(["7"]));
    const guard = alive(etcd);
    const commits = groupCommit(etcd);
    const when = Array.from({ length: compares }, (_, n) => absent(`x${n}`));

    const outcome = await commits.commit(create("k", "v", { when, guard })).catch((error) => error.code);

    expect(outcome).toBe(verdict === "passes" ? true : "PAYLOAD_TOO_LARGE");
  });

  it("refuses the 2,049th that waits, at once", async () => {
    const etcd = heldEtcd();
    const commits = groupCommit(etcd);
    const waiting = Array.from({ length: 2_048 }, (_, n) => commits.commit(create(`k${n}`, "v")).catch(() => null));

    await expect(commits.commit(create("one more", "v"))).rejects.toMatchObject({ code: "OVERLOADED" });

    const closed = commits.close();
    for (const { go } of etcd.held) go();
    await closed;
    await Promise.all(waiting);
  });
});
