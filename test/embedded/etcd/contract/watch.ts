import { describe, expect, it } from "vitest";
import { until } from "../../../support/until.ts";
import type { Message, RawStream } from "../raw-client.ts";
import { b, type Calls, folder, prefix, revisionOf, text } from "./calls.ts";

/** What watches promise. */
export function watchContract({ call, put, watch }: Calls): void {
  describe("Watch", () => {
    const watching = async (request: object): Promise<RawStream> => {
      const stream = watch();
      stream.write({ create_request: request });
      await stream.message(0);
      return stream;
    };
    const events = ({ messages }: RawStream): string[] =>
      messages.flatMap(({ events: all }: Message) => all.map(({ type, kv }: Message) => `${type} ${text(kv.key)}`));

    it("says created, then tells each transaction in one message", async () => {
      const at = folder();
      const watch = await watching(prefix(at));
      await call("KV.Txn", {
        success: ["a", "b"].map((key) => ({ request_put: { key: b(at + key), value: b("v") } })),
      });
      await call("KV.DeleteRange", { key: b(`${at}a`) });

      const [created, both, gone] = [await watch.message(0), await watch.message(1), await watch.message(2)];

      expect(created).toMatchObject({ created: true, canceled: false, events: [] });
      expect(both.events.map(({ kv }: Message) => text(kv.key))).toEqual([`${at}a`, `${at}b`]);
      expect(both.header.revision).toBe(both.events[0].kv.mod_revision);
      expect(gone.events[0]).toMatchObject({ type: "Delete", kv: { create_revision: "0", version: "0" } });
      watch.end();
    });

    it("begins at an older revision and misses nothing", async () => {
      const at = folder();
      const first = revisionOf(await put(`${at}a`));
      for (const key of ["b", "c"]) await put(at + key);
      const watch = await watching({ ...prefix(at), start_revision: first + 1 });
      await put(`${at}d`);

      await until(() => events(watch).length >= 3);

      expect(events(watch)).toEqual([`Put ${at}b`, `Put ${at}c`, `Put ${at}d`]);
      watch.end();
    });

    it("waits for a revision that is yet to come", async () => {
      const at = folder();
      const now = revisionOf(await put(`${at}a`));
      const watch = await watching({ ...prefix(at), start_revision: now + 2 });
      await put(`${at}b`);
      await put(`${at}c`);

      await watch.message(1);

      expect(events(watch)).toEqual([`Put ${at}c`]);
      watch.end();
    });

    it("tells what was replaced where asked to, and filters what is not wanted", async () => {
      const at = folder();
      await put(`${at}k`, "old");
      const watch = await watching({ key: b(`${at}k`), prev_kv: true, filters: ["Nodelete"] });
      await call("KV.DeleteRange", { key: b(`${at}k`) });
      await put(`${at}k`, "new");
      await put(`${at}k`, "newer");

      const [first, second] = [await watch.message(1), await watch.message(2)];

      expect(first.events[0].prev_kv).toBeNull();
      expect(text(second.events[0].prev_kv.value)).toBe("new");
      watch.end();
    });

    it("tells of nothing before a put that creates its key, also where the same transaction removed it first", async () => {
      const key = b(`~${folder()}k`); // behind all other keys: "from key on" is what etcd lets through here
      await call("KV.Put", { key, value: b("old") });
      const watch = await watching({ key, prev_kv: true });
      const parts = [{ request_delete_range: { key, range_end: b("\0") } }, { request_put: { key, value: b("new") } }];
      await call("KV.Txn", { success: parts.map((part) => ({ request_txn: { success: [part] } })) });

      const { events: told } = await watch.message(1);

      expect(told.map(({ type, prev_kv }: Message) => [type, prev_kv && text(prev_kv.value)])).toEqual([
        ["Delete", "old"],
        ["Put", null],
      ]);
      watch.end();
    });

    it("ends one watch of a stream when told to, and keeps the other", async () => {
      const at = folder();
      const watch = await watching({ key: b(`${at}a`) });
      watch.write({ create_request: { key: b(`${at}b`) } });
      await watch.message(1);

      watch.write({ cancel_request: { watch_id: "0" } });
      const canceled = await watch.message(2);
      await put(`${at}a`);
      await put(`${at}b`);
      await watch.message(3);

      expect(canceled).toMatchObject({ watch_id: "0", canceled: true });
      expect(events(watch)).toEqual([`Put ${at}b`]);
      watch.end();
    });

    it("refuses an id twice and an empty range on one stream, by created and canceled at once", async () => {
      const watch = await watching({ key: b("x"), watch_id: "7" });
      watch.write({ create_request: { key: b("x"), watch_id: "7" } });
      watch.write({ create_request: { key: b("y"), range_end: b("x") } });

      expect(await watch.message(1)).toMatchObject({ watch_id: "-1", created: true, canceled: true });
      expect(await watch.message(2)).toMatchObject({ watch_id: "-1", created: true, canceled: true });
      watch.end();
    });

    it("answers how far it has come", async () => {
      const now = revisionOf(await put(`${folder()}k`));
      const watch = await watching({ key: b("nobody puts this") });
      watch.write({ progress_request: {} });

      expect(await watch.message(1)).toMatchObject({ watch_id: "-1", events: [], header: { revision: String(now) } });
      watch.end();
    });

    it("says created, then canceled with the compaction's revision, to a start that is compacted", async () => {
      const at = folder();
      const first = revisionOf(await put(`${at}k`));
      const last = revisionOf(await put(`${at}k`));
      await call("KV.Compact", { revision: last });
      const watch = await watching({ key: b(`${at}k`), start_revision: first });

      const [created, canceled] = [await watch.message(0), await watch.message(1)];

      expect(created).toMatchObject({ created: true, canceled: false });
      expect(canceled).toMatchObject({ canceled: true, compact_revision: String(last), events: [] });
      watch.end();
    });
  });
}
