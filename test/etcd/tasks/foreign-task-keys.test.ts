import type { ITxnRequest } from "etcd3";
import { describe, expect, it } from "vitest";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import type { KeyValue } from "../../../src/etcd/operation.ts";
import { etcdTaskDuties } from "../../../src/etcd/tasks/duties.ts";
import { EtcdReadyTasks } from "../../../src/etcd/tasks/ready-tasks.ts";
import { writeCourse, writeReady } from "../../../src/etcd/tasks/records.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeEtcd } from "../../support/fake-etcd.ts";
import { groupCommit } from "../../support/held-etcd.ts";
import { silentLog } from "../../support/silent-log.ts";
import { until } from "../../support/until.ts";

const keys = etcdKeys("/t/");
const clock = fakeClock();
const course = { token: "o", attempt: 0, maxAttempts: 8, priority: 5, taskBytes: 99, limitKey: null, reason: null };

/** A store with these keys, as a worker and the leader see it. */
function storeWith(values: Readonly<Record<string, Buffer | string>>, leaseId = "0") {
  const store = fakeEtcd();
  const commits = groupCommit(store, clock);
  for (const [key, value] of Object.entries(values)) store.set(key, value.toString(), leaseId);
  const range = async (from: string, before: string, limit = Number.POSITIVE_INFINITY) => {
    const there = await Promise.all(Object.keys(values).sort().map(store.read));
    const inside = there.filter((entry): entry is KeyValue => entry !== null);
    return inside.filter(({ key }) => key >= from && key < before).slice(0, limit);
  };
  const etcd = {
    ...{ keys, clock, commit: commits.commit.bind(commits), get: store.read },
    page: ({ from, before, limit }: { from: string; before: string; limit: number }) => range(from, before, limit),
    list: async (prefix: string) => ({ entries: await range(prefix, `${prefix}~`), revision: 1_000, clusterId: "c" }),
    watch: async () => ({ end() {} }),
  } as unknown as Etcd;
  const warned: object[] = [];
  const log = { ...silentLog, warn: (fields: object) => void warned.push(fields) };
  return { store, duties: etcdTaskDuties(etcd, () => "leader/1", log), etcd, warned };
}

const putsOf = (request: ITxnRequest): string[] =>
  (request.success ?? []).flatMap(({ request_txn, request_put }) =>
    request_txn ? putsOf(request_txn) : request_put ? [String(request_put.key)] : [],
  );

describe("a key of another hand among the delayed tasks", () => {
  const due = (rest: string) => `${keys.tasks.allDelayed}000000000000001/${rest}`;

  it.each([
    ["without a kind", due(""), course],
    ["without an id", due("note"), course],
    ["with too many parts", due("note/t1/more"), course],
    ["with a kind that is none", due("No Kind/t1"), course],
    ["with a priority that is none", due("note/t1"), { ...course, priority: 12 }],
    ["with a limit key that is none", due("note/t1"), { ...course, limitKey: "a/b" }],
    ["with a size that no task has", due("note/t1"), { ...course, taskBytes: 10_000_000 }],
  ])("stops no other: %s", async (_what, key, value) => {
    const { store, duties } = storeWith({ [key]: writeCourse(value), [due("note/t2")]: writeCourse(course) });

    await duties.moveDue();

    expect(store.value(key)).toBeNull();
    expect(store.requests.flatMap(putsOf)).toEqual([keys.tasks.ready("note", 5, "t2")]);
  });
});

describe("due keys that can never be made ready", () => {
  const due = (rest: string) => `${keys.tasks.allDelayed}000000000000001/${rest}`;
  const PAGE = 256;

  it("hold back no other where their tasks are ready already, and are removed", async () => {
    const ids = Array.from({ length: PAGE }, (_, n) => `a${n}`);
    const ready = writeReady({ ...course, claimed: false });
    const { store, duties } = storeWith({
      ...Object.fromEntries(ids.flatMap((id) => [[due(`note/${id}`), writeCourse(course)]])),
      ...Object.fromEntries(ids.map((id) => [keys.tasks.ready("note", 5, id), ready])),
      [due("note/b")]: writeCourse(course),
    });

    expect([await duties.moveDue(), await duties.moveDue(), await duties.moveDue()]).toEqual([PAGE, 1, 0]);

    expect(store.value(keys.tasks.ready("note", 5, "b"))).not.toBeNull();
    expect(ids.filter((id) => store.value(due(`note/${id}`)) !== null)).toEqual([]);
    expect(store.value(keys.tasks.ready("note", 5, "a0"))).toBe(ready.toString());
  });

  it("hold back no other where etcd takes no such key, and are told of once", async () => {
    const huge = Array.from({ length: PAGE }, (_, n) => due(`a${n}${"x".repeat(5_000)}`));
    const { store, duties, warned } = storeWith({
      ...Object.fromEntries(huge.map((key) => [key, "?"])),
      [due("note/b")]: writeCourse(course),
    });

    for (let turn = 0; turn < 5; turn++) await duties.moveDue();

    expect(store.value(keys.tasks.ready("note", 5, "b"))).not.toBeNull();
    expect(warned).toHaveLength(PAGE);
    expect(warned[0]).toMatchObject({ key: expect.stringMatching(/^.{300}$/) });
  });
});

describe("a key of another hand among the ready tasks", () => {
  const ready = (rest: string) => `${keys.tasks.allReady}${rest}`;
  const value = writeReady({ ...course, claimed: false });

  it.each([
    ["without an id", ready("note"), value],
    ["with an empty id", ready("note/4"), value],
    ["with another priority than its value", ready("note/7t1"), value],
    ["with too many parts", ready("note/4t1/more"), value],
    ["with a limit key that is none", ready("note/4t1"), writeReady({ ...course, limitKey: "a/b", claimed: false })],
    ["with a size that no task has", ready("note/4t1"), writeReady({ ...course, taskBytes: 1e7, claimed: false })],
  ])("is not offered: %s", async (_what, key, foreign) => {
    const { etcd } = storeWith({ [key]: foreign, [keys.tasks.ready("note", 5, "t2")]: value });
    const tasks = new EtcdReadyTasks(etcd, { workerId: "w1", kinds: null, random: () => 0 });
    const stop = new AbortController();
    const following = tasks.follow({ onNews() {}, onCancel() {} }, stop.signal);
    await until(() => tasks.size > 0);

    expect([tasks.take(() => true)?.id, tasks.take(() => true)]).toEqual(["t2", null]);
    stop.abort();
    await following;
  });
});

describe("the sweep", () => {
  const past = JSON.stringify({ until: 1 });

  it("passes over words of cancelling that another hand wrote", async () => {
    const word = (kind: string) => JSON.stringify({ by: "x", kind });
    const { store, duties } = storeWith({
      [`${keys.tasks.cancels}a`]: word("a/b"),
      [`${keys.tasks.cancels}`]: word("note"),
      [keys.tasks.cancel("t1")]: word("note"),
    });

    await duties.sweep();

    expect(store.value(keys.tasks.cancel("t1"))).toBeNull();
  });

  it("is not stopped by a key that etcd does not take", async () => {
    const { store, duties } = storeWith({
      [`${keys.tasks.results}${"x".repeat(5_000)}`]: past,
      [keys.tasks.result("z")]: past,
      [keys.tasks.dedupe("note", "d")]: past,
    });

    expect(await duties.sweep()).toBe(2);
    expect([store.value(keys.tasks.result("z")), store.value(keys.tasks.dedupe("note", "d"))]).toEqual([null, null]);
  });

  it.each(["no JSON", "{}", '{"until":"never"}', "[1]"])(
    "takes a result that says %s for a past one",
    async (value) => {
      const { duties } = storeWith({ [keys.tasks.result("t1")]: value });

      expect(await duties.sweep()).toBe(1);
    },
  );

  it("removes what only a worker's lease may hold, where it is on none", async () => {
    const values = {
      [keys.tasks.claim("t1")]: "{}",
      [keys.tasks.progress("t1")]: "{}",
      [keys.tasks.place("note", 0)]: "{}",
    };

    expect(await storeWith(values).duties.sweep()).toBe(3);
    expect(await storeWith(values, "7").duties.sweep()).toBe(0);
  });

  it("keeps up with many that end: it takes more than a page at once", async () => {
    const results = Array.from({ length: 450 }, (_, n) => keys.tasks.result(`t${n}`));
    const { duties } = storeWith(Object.fromEntries(results.map((key) => [key, past])));

    expect(await duties.sweep()).toBe(450);
  });

  it("goes on where it stopped when what is kept is much", async () => {
    const kept = JSON.stringify({ until: clock.now() + 60_000, result: "x".repeat(16_000) });
    const results = Array.from({ length: 150 }, (_, n) => [keys.tasks.result(`a${n}`), kept]);
    const { store, duties } = storeWith({ ...Object.fromEntries(results), [keys.tasks.result("z")]: past });

    for (let turn = 0; turn < 3; turn++) await duties.sweep();

    expect(store.value(keys.tasks.result("z"))).toBeNull();
  });
});

describe("a schedule's mark of another hand", () => {
  it("counts as long ago", async () => {
    const { duties } = storeWith({ [keys.tasks.schedule("tidy")]: '{"at":"never"}' });

    expect(await duties.mark("tidy")).toMatchObject({ at: 0 });
  });
});
