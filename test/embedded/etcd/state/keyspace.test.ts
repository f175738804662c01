import { describe, expect, it } from "vitest";
import { Keyspace } from "../../../../src/embedded/etcd/state/keyspace.ts";

const NEVER = () => false;
const ALL = { start: "\0", end: "" };

const put = (keyspace: Keyspace, key: string, value: string) => {
  keyspace.put(key, value, "0");
  keyspace.commit();
};
const remove = (keyspace: Keyspace, key: string) => {
  keyspace.remove({ start: key, end: null });
  keyspace.commit();
};
const keysAt = (keyspace: Keyspace, revision: number) => {
  const found: string[] = [];
  keyspace.scan(ALL, revision, ({ key, value }) => found.push(`${key}=${value}`) > 0);
  return found;
};

describe("a keyspace", () => {
  it("begins at revision 1 and makes one revision of each transaction that changes something", () => {
    const keyspace = new Keyspace();
    keyspace.put("a", "1", "0");
    keyspace.put("b", "2", "0");
    keyspace.commit();
    remove(keyspace, "never there");

    expect(keyspace.revision).toBe(2);
    expect(keyspace.history.at(2).map(({ key }) => key)).toEqual(["a", "b"]);
  });

  it("shows every older revision as it was", () => {
    const keyspace = new Keyspace();
    put(keyspace, "a", "1");
    put(keyspace, "b", "1");
    put(keyspace, "a", "2");
    remove(keyspace, "a");

    expect([2, 3, 4, 5].map((revision) => keysAt(keyspace, revision))).toEqual([
      ["a=1"],
      ["a=1", "b=1"],
      ["a=2", "b=1"],
      ["b=1"],
    ]);
  });

  it("counts versions from a key's creation, and starts again after a delete", () => {
    const keyspace = new Keyspace();
    for (const value of ["1", "2"]) put(keyspace, "a", value);
    remove(keyspace, "a");
    put(keyspace, "a", "3");

    expect(keyspace.read("a", 3)).toMatchObject({ createRevision: 2, modRevision: 3, version: 2 });
    expect(keyspace.read("a", 5)).toMatchObject({ createRevision: 5, modRevision: 5, version: 1 });
  });

  it("shows an open transaction its own changes, and nobody else", () => {
    const keyspace = new Keyspace();
    keyspace.put("a", "1", "0");

    expect(keyspace.read("a", keyspace.openRevision)?.value).toBe("1");
    expect(keyspace.read("a", keyspace.revision)).toBeNull();
  });

  it("is as before after a rollback", () => {
    const keyspace = new Keyspace();
    put(keyspace, "a", "1");
    keyspace.remove(ALL);
    keyspace.put("a", "2", "0");
    keyspace.put("b", "2", "0");

    keyspace.rollback();

    expect(keyspace.commit()).toEqual([]);
    expect([keyspace.revision, keyspace.size, keysAt(keyspace, 2)]).toEqual([2, 1, ["a=1"]]);
  });
});

describe("compaction", () => {
  it("keeps what a reader at its revision sees, and frees the rest", () => {
    const keyspace = new Keyspace();
    put(keyspace, "a", "1");
    put(keyspace, "gone", "1");
    put(keyspace, "a", "2");
    remove(keyspace, "gone");
    put(keyspace, "a", "3");

    keyspace.compact(5);
    keyspace.trim(5, NEVER);

    expect(keysAt(keyspace, 5)).toEqual(["a=2"]);
    expect(keysAt(keyspace, 6)).toEqual(["a=3"]);
    expect(keyspace.read("a", 3)).toBeNull();
    expect(keyspace.size).toBe(1);
  });

  it("keeps the events of its own revision, since a watch may start there", () => {
    const keyspace = new Keyspace();
    for (const value of ["1", "2", "3"]) put(keyspace, "a", value);

    keyspace.compact(3);
    keyspace.trim(3, NEVER);

    expect([2, 3, 4].map((revision) => keyspace.history.at(revision).map(({ value }) => value))).toEqual([
      [],
      ["2"],
      ["3"],
    ]);
  });

  it("goes on where its slice of time ended", () => {
    const keyspace = new Keyspace();
    for (let i = 0; i < 10; i++) put(keyspace, "a", String(i));
    keyspace.compact(11);
    let calls = 0;

    const done = keyspace.trim(11, () => ++calls > 4);

    expect([done, keyspace.history.length]).toEqual([false, 7]); // revisions 5 to 11
    expect(keyspace.trim(11, NEVER)).toBe(true);
    expect(keyspace.history.length).toBe(1);
  });

  it("never trims past what a reader still needs", () => {
    const keyspace = new Keyspace();
    for (const value of ["1", "2", "3"]) put(keyspace, "a", value);
    keyspace.compact(4);

    keyspace.trim(2, NEVER);

    expect(keyspace.read("a", 2)?.value).toBe("1");
  });
});

describe("restoring", () => {
  it("goes on from a snapshot with that revision's events alone", () => {
    const record = { value: "v", createRevision: 3, version: 1, lease: "0", older: null };
    const keyspace = new Keyspace();

    keyspace.restore(9, [
      { ...record, key: "a", modRevision: 4 },
      { ...record, key: "b", modRevision: 9 },
    ]);
    put(keyspace, "c", "new");

    expect([keyspace.revision, keyspace.compactRevision]).toEqual([10, 9]);
    expect([9, 10].map((revision) => keyspace.history.at(revision).map(({ key }) => key))).toEqual([["b"], ["c"]]);
  });
});

it("knows the bytes of all kept versions, whatever is put, removed, rolled back and trimmed", () => {
  const keyspace = new Keyspace();
  for (let i = 0; i < 50; i++) {
    const key = `key ${i % 7}`;
    if (i % 5 === 4) keyspace.remove({ start: key, end: null });
    else keyspace.put(key, "v".repeat(i), "0");
    if (i % 3 === 0) keyspace.rollback();
    else keyspace.commit();
  }
  keyspace.compact(keyspace.revision);
  keyspace.trim(keyspace.revision, NEVER);

  let expected = 0;
  keyspace.visitNewest({ start: "", end: "" }, ({ key, value }) => {
    expected += key.length + value.length + 120;
    return true;
  });
  expect(keyspace.bytes).toBe(expected);
});
