import type { IKeyValue, IRangeRequest, IRangeResponse } from "etcd3";
import { describe, expect, it } from "vitest";
import { etcdError } from "../../src/etcd/fate.ts";
import { listPage, listPrefix } from "../../src/etcd/listing.ts";

const NAMES = ["/a/1", "/a/2", "/a/3"];
const compacted = () =>
  etcdError("read", new Error("11 OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted"));

/** Pages of one key each; those whose number is in `broken` fail as compacted away. */
function pages(broken: readonly number[]) {
  let calls = 0;
  let revision = 10;
  const range = async ({ key, revision: asked }: IRangeRequest): Promise<IRangeResponse> => {
    calls += 1;
    revision += 1;
    if (broken.includes(calls)) throw compacted();
    const at = NAMES.findIndex((name) => name >= String(key));
    const kv = {
      key: Buffer.from(NAMES[at] ?? ""),
      value: Buffer.of(),
      mod_revision: "1",
      create_revision: "1",
      lease: "0",
    };
    const header = { revision: String(revision) };
    return { header, kvs: [kv as IKeyValue], more: at < 2, count: "3", asked } as unknown as IRangeResponse;
  };
  return { range, calls: () => calls };
}

describe("a list in pages", () => {
  it("is as of the revision of its first page", async () => {
    const { entries, revision } = await listPrefix(pages([]), "/a/", { pageKeys: 1 });

    expect(entries.map(({ key }) => key)).toEqual(NAMES);
    expect(revision).toBe(11);
  });

  it("begins again where a compaction passes between two pages", async () => {
    const store = pages([2]);

    const { entries, revision } = await listPrefix(store, "/a/", { pageKeys: 1 });

    expect(entries.map(({ key }) => key)).toEqual(NAMES);
    expect(revision).toBe(13); // of the third call, which is the first page again
  });

  it("gives up after the third", async () => {
    const store = pages([2, 4, 6]);

    await expect(listPrefix(store, "/a/", { pageKeys: 1 })).rejects.toMatchObject({ code: "CONFLICT" });

    expect(store.calls()).toBe(6);
  });
});

/** A store of these keys; it refuses answers of more than four of them, as gRPC does. */
function storeOf(keys: readonly (string | Buffer)[]) {
  const all = keys.map((key) => Buffer.from(key)).sort(Buffer.compare);
  const asked: number[] = [];
  const range = async ({ key, range_end, limit }: IRangeRequest): Promise<IRangeResponse> => {
    asked.push(Number(limit));
    const inside = all.filter((each) => each.compare(key as Buffer) >= 0 && each.compare(range_end as Buffer) < 0);
    const page = inside.slice(0, Number(limit));
    if (page.length > 4)
      throw etcdError(
        "read",
        new Error("8 RESOURCE_EXHAUSTED: Received message larger than max (5000000 vs. 4194304)"),
      );
    const kvs = page.map((each) => {
      return { key: each, value: Buffer.of(), mod_revision: "1", create_revision: "1", lease: "0" };
    });
    return { header: { revision: "9" }, kvs, more: inside.length > page.length } as unknown as IRangeResponse;
  };
  return { range, asked };
}

const noText = (place: string, byte: number) => Buffer.concat([Buffer.from(place), Buffer.of(byte)]);

describe("a page", () => {
  const place = { from: "/a/", before: "/a0", limit: 2 };

  it("goes past keys that are no text, be there more of them than it may carry", async () => {
    const foreign = [0xf0, 0xf1, 0xf2, 0xf3, 0xf4].map((byte) => noText("/a/", byte));
    const store = storeOf([...foreign, noText("/a/x", 0xff), "/a/\u{10ffff}b"]);

    expect((await listPage(store, place)).map(({ key }) => key)).toEqual(["/a/\u{10ffff}b"]);
  });

  it("is empty where nothing but such keys is left", async () => {
    const store = storeOf([0xf0, 0xf1, 0xf2].map((byte) => noText("/a/", byte)));

    expect(await listPage(store, place)).toEqual([]);
  });

  it("carries fewer keys where their values make the answer too long", async () => {
    const store = storeOf(Array.from({ length: 9 }, (_, n) => `/a/${n}`));

    const entries = await listPage(store, { ...place, limit: 9 });

    expect(entries.map(({ key }) => key)).toEqual(["/a/0", "/a/1", "/a/2"]);
    expect(store.asked).toEqual([9, 3]);
  });
});

describe("a list whose values make an answer too long", () => {
  it("has them all the same", async () => {
    const store = storeOf(Array.from({ length: 9 }, (_, n) => `/a/${n}`));

    expect((await listPrefix(store, "/a/")).entries).toHaveLength(9);
  });
});
