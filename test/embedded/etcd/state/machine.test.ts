import { describe, expect, it } from "vitest";
import type { Entry } from "../../../../src/embedded/etcd/log/entry.ts";
import { Machine } from "../../../../src/embedded/etcd/state/machine.ts";
import type { Operation, PutRequest } from "../../../../src/embedded/etcd/state/requests.ts";

function machine(quotaBytes = Number.POSITIVE_INFINITY) {
  const log: Entry[] = [];
  let nextId = 1;
  const made = new Machine({
    leaseNow: () => 0,
    minLeaseTtlSeconds: 2,
    quotaBytes,
    newLeaseId: () => String(nextId++),
    log: (entry) => log.push(entry),
  });
  return { machine: made, log };
}

const put = (key: string, more: Partial<PutRequest> = {}): PutRequest => ({
  ...{ op: "put", key, value: "v", lease: "0", prevKv: false, ignoreValue: false, ignoreLease: false },
  ...more,
});
const txn = (...success: Operation[]): Operation => ({ op: "txn", compares: [], success, failure: [] });

describe("the machine", () => {
  it("writes down one entry for a transaction, and none for one that changes nothing", () => {
    const { machine: store, log } = machine();
    store.perform(txn(put("a"), put("b")));
    store.perform({ op: "delete", span: { start: "x", end: null }, rangeEnd: "", prevKv: false });

    expect(log).toEqual([
      {
        kind: "changes",
        revision: 2,
        changes: [
          { key: "a", value: "v", lease: "0" },
          { key: "b", value: "v", lease: "0" },
        ],
      },
    ]);
  });

  it("rolls back a transaction whose put needs what the transaction deleted before", () => {
    const { machine: store, log } = machine();
    store.perform(put("a"));
    const removeFromA: Operation = { op: "delete", span: { start: "a", end: "" }, rangeEnd: "\0", prevKv: false };

    expect(() => store.perform(txn(put("0"), removeFromA, put("a", { ignoreLease: true })))).toThrow("key not found");

    expect(store.keyspace.revision).toBe(2);
    expect(["0", "a"].map((key) => store.keyspace.read(key, 2)?.version)).toEqual([undefined, 1]);
    expect(log.length).toBe(1);
    store.perform(put("b"));
    expect(log.at(-1)).toMatchObject({ revision: 3, changes: [{ key: "b" }] });
  });

  it("comes to the same state when its log is replayed", () => {
    const { machine: first, log } = machine();
    first.grant("0", 60);
    first.grant("900", 60);
    first.perform(txn(put("a", { lease: "1" }), put("b", { lease: "900" }), put("c")));
    first.perform(put("a", { value: "w", ignoreLease: true }));
    first.revoke("900");
    first.compact(3);
    first.perform({ op: "delete", span: { start: "c", end: "" }, rangeEnd: "\0", prevKv: false });
    const { machine: second } = machine();

    for (const entry of log) second.replay(entry);

    expect(second.keyspace.revision).toBe(first.keyspace.revision);
    expect(second.keyspace.compactRevision).toBe(3);
    expect(second.keyspace.read("a", 5)).toMatchObject({ value: "w", lease: "1", version: 2 });
    expect(["b", "c"].map((key) => second.keyspace.read(key, 5))).toEqual([null, null]);
    expect([...(second.leases.get("1")?.keys ?? [])]).toEqual(["a"]);
    expect(second.leases.has("900")).toBe(false);
  });

  it("refuses a log whose revisions do not follow each other", () => {
    const { machine: store } = machine();

    expect(() => store.replay({ kind: "changes", revision: 3, changes: [] })).toThrow(RangeError);
  });

  it("gives a lease that asks for too little the least time, and refuses one that asks for too much", () => {
    const { machine: store } = machine();

    expect(store.grant("5", 1).ttlSeconds).toBe(2);
    expect(() => store.grant("6", 9_000_000_001)).toThrow("too large lease TTL");
  });
});

describe("the alarm NOSPACE", () => {
  const REFUSED = expect.objectContaining({
    code: 8,
    message: "etcdserver: mvcc: database space exceeded",
  });
  const thrown = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return error;
    }
    return null;
  };
  const span = (start: string) => ({ start, end: null });

  it("is raised by a put past the quota, and written down", () => {
    const { machine: store, log } = machine(2 * 122); // two records of a byte of key and a byte of value
    store.perform(put("a"));
    store.perform(put("b"));

    const refused = thrown(() => store.perform(put("c")));

    expect(refused).toEqual(REFUSED);
    expect([store.noSpace, log.at(-1)]).toEqual([true, { kind: "alarm", noSpace: true }]);
    expect(store.keyspace.revision).toBe(3);
  });

  it("counts what the larger branch puts, nested parts included", () => {
    const { machine: store } = machine(3 * 122);
    const nested: Operation = {
      ...{ op: "txn", compares: [], success: [] },
      failure: [put("a"), { op: "txn", compares: [], success: [put("b"), put("c"), put("d")], failure: [] }],
    };

    expect(thrown(() => store.perform(nested))).toEqual(REFUSED);
    expect(thrown(() => machine(4 * 122).machine.perform(nested))).toBeNull();
  });

  it("refuses puts and leases while it is on, where room came back too; reads, deletes and compaction go on", () => {
    const { machine: store } = machine(2 * 122);
    store.perform(put("a"));
    store.perform(put("b"));
    thrown(() => store.perform(put("c")));

    store.perform({ op: "delete", span: span("a"), rangeEnd: "", prevKv: false });
    store.compact(store.keyspace.revision);
    store.keyspace.trim(store.keyspace.revision, () => false);

    expect(store.keyspace.bytes).toBe(122);
    expect(thrown(() => store.perform(put("a")))).toEqual(REFUSED);
    expect(thrown(() => store.perform(txn(put("a"))))).toEqual(REFUSED);
    expect(thrown(() => store.grant("7", 60))).toEqual(REFUSED);
    expect(thrown(() => store.perform(txn({ op: "delete", span: span("x"), rangeEnd: "", prevKv: false })))).toBeNull();
    store.alarm(false);
    expect(thrown(() => store.perform(put("a")))).toBeNull();
  });

  it("outlives a replay of the log", () => {
    const { machine: store, log } = machine(0);
    thrown(() => store.perform(put("a")));
    const { machine: next } = machine(0);

    for (const entry of log) next.replay(entry);

    expect(next.noSpace).toBe(true);
  });
});
