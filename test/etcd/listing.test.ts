import type { IKeyValue, IRangeRequest, IRangeResponse } from "etcd3";
import { describe, expect, it } from "vitest";
import { etcdError } from "../../src/etcd/fate.ts";
import { listPrefix } from "../../src/etcd/listing.ts";

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
