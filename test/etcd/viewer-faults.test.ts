import { describe, expect, it } from "vitest";
import type { ViewerOperation } from "../../src/domain/viewer-operation.ts";
import { publicIdOf } from "../../src/domain/viewer-session.ts";
import { etcdKeys } from "../../src/etcd/keys.ts";
import { etcdViewerSessions } from "../../src/etcd/viewer-sessions.ts";
import { create, list, refresh, sessionNamed } from "../services/viewer-store-contract.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { type FakeEtcd, fakeEtcd } from "../support/fake-etcd.ts";
import { groupCommit, heldEtcd } from "../support/held-etcd.ts";
import { until } from "../support/until.ts";

const ada = sessionNamed("ada");
const keys = etcdKeys();
const key = keys.viewerSession(ada.key);
const tooLate = () => Object.assign(new Error("4 DEADLINE_EXCEEDED: Deadline exceeded"), { code: 4 });
const stop = ({ tokenHash }: { tokenHash: string }, { rules } = create()): ViewerOperation => ({
  ...{ do: "stop", which: { tokenHash }, rules },
});
const evict = (token: { tokenHash: string }, { rules } = create()): ViewerOperation => ({
  ...{ do: "evict", publicId: publicIdOf(token), note: null, rules },
  by: { publicId: null, device: null, label: "operator", address: null },
});

const server = (etcd: Pick<FakeEtcd, "txn" | "read">, clock = fakeClock()) => {
  const commits = groupCommit(etcd, clock);
  return etcdViewerSessions({ keys, clock, commit: (operation, options) => commits.commit(operation, options) });
};

/** One server whose answers a test holds, and another beside it over the same etcd. */
const open = () => {
  const [inner, clock] = [fakeEtcd(), fakeClock()];
  const held = heldEtcd(inner);
  let reading: Promise<void> = Promise.resolve();
  const read: FakeEtcd["read"] = async (asked) => {
    await reading;
    return inner.read(asked);
  };
  /** Reads take place after what is done meanwhile. */
  const readAfter = async (meanwhile: () => Promise<unknown>) => {
    reading = meanwhile().then(() => {});
    await reading;
  };
  return {
    inner,
    clock,
    readAfter,
    held: held.held,
    store: server({ txn: held.txn, read }, clock),
    other: server(inner, clock),
  };
};

describe("a viewer session whose answer never came", () => {
  it.each([
    ["was written", true, 1],
    ["was not written", false, 2],
  ])("is known where it %s", async (_what, applied, sends) => {
    const { store, held, other } = open();
    const asked = store.apply(ada, create());
    await until(() => held.length === 1);

    held[0]!.fail(tooLate(), applied);
    if (!applied) await until(() => held.length === 2);
    held[1]?.go();

    expect(await asked).toMatchObject({ answer: "issued", isRepeat: false });
    expect(held).toHaveLength(sends);
    expect((await other.apply(ada, list)).active).toHaveLength(1);
  });

  it.each([
    ["a stop", stop, "ended", 0],
    ["an eviction", evict, "ended", 0],
    ["a renewal", ({ tokenHash }: { tokenHash: string }) => refresh(tokenHash), "renewed", 1],
  ])("is known of %s that another server has written over", async (_what, operation, answer, left) => {
    const { store, other, held, readAfter } = open();
    const mine = create();
    await other.apply(ada, mine);
    const asked = store.apply(ada, operation(mine));
    await until(() => held.length === 1); // it knows nothing yet: the other branch tells what is there
    held[0]!.go();
    await until(() => held.length === 2);

    await readAfter(() => {
      held[1]!.fail(tooLate(), true);
      return other.apply(ada, create());
    });
    await until(() => held.length === 3);
    held[2]!.go();

    expect((await asked).answer).toBe(answer);
    expect((await other.apply(ada, list)).active).toHaveLength(left + 1);
  });

  it("is no token where another took the last place meanwhile", async () => {
    const { store, other, held } = open();
    const asked = store.apply(ada, create({ limit: 1 }));
    await until(() => held.length === 1);

    await other.apply(ada, create({ limit: 1 }));
    held[0]!.fail(tooLate(), true);
    await until(() => held.length === 2);
    held[1]!.go();

    expect((await asked).answer).toBe("limit reached");
  });

  it("is told of where its token was evicted before it was known", async () => {
    const { store, other, held } = open();
    const mine = create();
    const asked = store.apply(ada, mine);
    await until(() => held.length === 1);

    held[0]!.go();
    await other.apply(ada, list);
    const again = store.apply(ada, mine);
    await asked;
    await other.apply(ada, evict(mine));
    for (let sent = 1; sent < 3; sent++) {
      await until(() => held.length > sent);
      held[sent]!.go();
    }

    expect((await again).answer).toBe("token ended");
  });

  it("is an error after 2 s, and the session works again", async () => {
    const { store, clock, held } = open();
    const asked = store.apply(ada, create());
    const ended = asked.then(
      () => "answered",
      (error: { code: string }) => error.code,
    );
    await until(() => held.length === 1);

    await clock.advance(1_700);
    const early = await Promise.race([ended, "waiting"]);
    await clock.advance(250);

    expect([early, await ended]).toEqual(["waiting", "ETCD_AMBIGUOUS"]);
    held[0]!.go();
    const next = store.apply(ada, create());
    await until(() => held.length === 2);
    held[1]!.go();
    await until(() => held.length === 3);
    held[2]!.go();
    expect(await next).toMatchObject({ answer: "issued", active: { length: 2 } });
  });
});

describe("requests for one session", () => {
  it("that wait become one change, and the usual one takes no read", async () => {
    const { store, held, inner } = open();
    const mine = create();
    const first = store.apply(ada, mine);
    await until(() => held.length === 1);

    const others = Promise.all(Array.from({ length: 100 }, () => store.apply(ada, create())));
    held[0]!.go();
    await first;
    await until(() => held.length === 2);
    held[1]!.go();
    const answers = await others;
    const renewal = store.apply(ada, refresh(mine.tokenHash));
    await until(() => held.length === 3);
    held[2]!.go();
    await renewal;

    expect(answers.filter(({ answer }) => answer === "issued")).toHaveLength(2);
    expect(inner.requests).toHaveLength(3);
  });

  it("are refused by a compare without a put", async () => {
    const { inner, other } = open();
    await other.apply(ada, create({ limit: 1 }));
    const before = inner.value(key);

    expect((await other.apply(ada, create({ limit: 1 }))).answer).toBe("limit reached");
    expect((await other.apply(ada, refresh(create().tokenHash))).answer).toBe("token expired");

    expect(inner.value(key)).toBe(before);
    expect(inner.requests).toHaveLength(3);
  });

  it("are bounded", async () => {
    const { store } = open();
    const asked = Array.from({ length: 1_100 }, () => store.apply(ada, create()).catch(({ code }) => code));

    expect(await Promise.all(asked.slice(1_024))).toEqual(Array.from({ length: 76 }, () => "OVERLOADED"));
  });
});

describe("what another hand wrote where a session stands", () => {
  it.each([
    ["no JSON", "\u0000garbage"],
    ["another JSON", "[1,2]"],
    ["null", "null"],
    ["another version", '{"v":2,"t":[]}'],
    ["a broken token", '{"v":1,"t":[["short",1,2]]}'],
    ["a broken end", `{"v":1,"e":[["${"0".repeat(32)}",1,2,"gone"]]}`],
  ])("is an error and no token: %s", async (_what, value) => {
    const { other, inner } = open();
    inner.set(key, value);

    for (const operation of [create(), refresh(create().tokenHash), list])
      await expect(other.apply(ada, operation)).rejects.toMatchObject({ code: "INTERNAL" });

    expect(inner.value(key)).toBe(value);
    expect((await other.apply(sessionNamed("bob"), create())).answer).toBe("issued");
    inner.remove(key);
    expect((await other.apply(ada, create())).answer).toBe("issued");
  });

  it("may know more than this version does", async () => {
    const { other, inner } = open();
    const mine = create();
    const later = Date.now() * 2;
    inner.set(key, JSON.stringify({ v: 1, n: "new", t: [[mine.tokenHash, 1, later, null, "c", null, null, "new"]] }));

    expect(await other.apply(ada, refresh(mine.tokenHash))).toMatchObject({
      ...{ answer: "renewed", token: { details: { content: "c", device: null } } },
    });
  });
});
