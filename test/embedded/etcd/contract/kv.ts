import { describe, expect, it } from "vitest";
import type { Message } from "../raw-client.ts";
import { b, type Calls, folder, keysOf, prefix, refusal, revisionOf, text } from "./calls.ts";

/** What Range, Put and DeleteRange promise. */
export function kvContract({ call, put, get, list }: Calls): void {
  describe("KV", () => {
    it("gives back what was put, with its revisions and version", async () => {
      const at = folder();
      const first = revisionOf(await put(`${at}k`, "one"));
      await put(`${at}k`, "two");

      const { kvs, count, more } = await get(`${at}k`);

      expect(text(kvs[0].value)).toBe("two");
      expect(kvs[0]).toMatchObject({
        create_revision: String(first),
        mod_revision: String(first + 1),
        version: "2",
        lease: "0",
      });
      expect({ count, more }).toEqual({ count: "1", more: false });
    });

    it("reads an older revision, and refuses one that is yet to come", async () => {
      const at = folder();
      const first = revisionOf(await put(`${at}k`, "one"));
      await put(`${at}k`, "two");

      expect(text((await get(`${at}k`, { revision: first })).kvs[0].value)).toBe("one");
      expect(await refusal(get(`${at}k`, { revision: first + 1_000_000 }))).toEqual({
        code: 11,
        details: "etcdserver: mvcc: required revision is a future revision",
      });
    });

    it("lists a range in byte order, with limit, more and the count of all", async () => {
      const at = folder();
      for (const key of ["b", "a", "\xff", "a\0"]) await put(at + key);

      const page = await list(at, { limit: 3 });

      expect(keysOf(page)).toEqual([`${at}a`, `${at}a\0`, `${at}b`]);
      expect({ more: page.more, count: page.count }).toEqual({ more: true, count: "4" });
    });

    it("reads from a key on, where the end is one zero byte", async () => {
      await put("\xfe\xfe1");
      await put("\xfe\xfe2");

      expect(keysOf(await call("KV.Range", { key: b("\xfe\xfe2"), range_end: b("\0") }))).toEqual(["\xfe\xfe2"]);
      await call("KV.DeleteRange", { key: b("\xfe\xfe"), range_end: b("\0") });
    });

    it("filters by revision before the limit, and counts all the same", async () => {
      const at = folder();
      await put(`${at}a`);
      const second = revisionOf(await put(`${at}b`));
      await put(`${at}c`);

      const page = await list(at, { min_mod_revision: second, limit: 1 });

      expect(keysOf(page)).toEqual([`${at}b`]);
      expect({ more: page.more, count: page.count }).toEqual({ more: true, count: "3" });
      expect(keysOf(await list(at, { max_create_revision: second }))).toEqual([`${at}a`, `${at}b`]);
    });

    it.each([
      ["descending by key", { sort_order: 2 }, ["c", "b", "a"]],
      ["by version", { sort_order: 1, sort_target: 1 }, ["b", "c", "a"]],
      ["latest created first", { sort_order: 2, sort_target: 2 }, ["c", "b", "a"]],
      ["by modification without an order", { sort_target: 3 }, ["b", "c", "a"]],
      ["by value", { sort_order: 1, sort_target: 4 }, ["c", "a", "b"]],
    ])("sorts %s", async (_, options, expected) => {
      const at = folder();
      await put(`${at}a`, "2");
      await put(`${at}b`, "3");
      for (let i = 0; i < 2; i++) await put(`${at}c`, "1");
      for (let i = 0; i < 2; i++) await put(`${at}a`, "2");

      expect(keysOf(await list(at, options))).toEqual(expected.map((key) => at + key));
    });

    it("answers keys only, and the count only", async () => {
      const at = folder();
      await put(`${at}k`, "value");

      expect(text((await list(at, { keys_only: true })).kvs[0].value)).toBe("");
      expect(await list(at, { count_only: true })).toMatchObject({ kvs: [], count: "1", more: false });
    });

    it("keeps value or lease of a key where asked to, and answers what was there", async () => {
      const at = folder();
      await put(`${at}k`, "one");

      const { prev_kv } = await put(`${at}k`, "", { ignore_value: true, prev_kv: true });

      expect(text(prev_kv.value)).toBe("one");
      expect(text((await get(`${at}k`)).kvs[0].value)).toBe("one");
    });

    it.each([
      ["no key", { key: b(""), value: b("v") }, "key is not provided"],
      ["a value to ignore", { key: b("k"), value: b("v"), ignore_value: true }, "value is provided"],
      ["a lease to ignore", { key: b("k"), lease: 7, ignore_lease: true }, "lease is provided"],
      ["no value to keep", { key: b("never there"), ignore_value: true }, "key not found"],
    ])("refuses a put with %s", async (_, request, words) => {
      expect(await refusal(call("KV.Put", request))).toEqual({ code: 3, details: `etcdserver: ${words}` });
    });

    it("deletes a range in one revision, and makes none where nothing was there", async () => {
      const at = folder();
      await put(`${at}a`, "1");
      const before = revisionOf(await put(`${at}b`, "2"));

      const gone = await call("KV.DeleteRange", { ...prefix(at), prev_kv: true });
      const nothing = await call("KV.DeleteRange", prefix(at));

      expect(gone.deleted).toBe("2");
      expect(gone.prev_kvs.map(({ value }: Message) => text(value))).toEqual(["1", "2"]);
      expect([revisionOf(gone), revisionOf(nothing)]).toEqual([before + 1, before + 1]);
      expect(nothing.deleted).toBe("0");
    });

    it("refuses a request of more than 1.5 MiB", async () => {
      const call = put("big", "x".repeat(1_600_000));

      expect(await refusal(call)).toEqual({ code: 3, details: "etcdserver: request is too large" });
    });
  });
}
