import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backUpStore, restoreStore } from "../../../src/embedded/etcd/backup.ts";
import { type EmbeddedStore, openEmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { type Message, rawInProcess } from "./raw-client.ts";

let folder: string;
let opened: EmbeddedStore[];
const place = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-backup-"));
  opened = [];
});
afterEach(async () => {
  for (const store of opened) await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** A store whose log is replaced by a snapshot every few writes. */
async function open(name: string): Promise<EmbeddedStore> {
  const store = await openEmbeddedStore({ folder: place(name), clock: systemClock, snapshotAfterBytes: 64 * 1_024 });
  opened.push(store);
  return store;
}

const call = async (store: EmbeddedStore, path: string, request: object): Promise<Message> =>
  rawInProcess(store).call(path, request);
const put = (store: EmbeddedStore, key: string, more: object = {}) =>
  call(store, "KV.Put", { key: Buffer.from(key), value: Buffer.alloc(2_000, key), ...more });
const keysOf = async (store: EmbeddedStore): Promise<string[]> => {
  const { kvs } = await call(store, "KV.Range", { key: Buffer.from([0]), range_end: Buffer.from([0]) });
  return kvs.map(({ key }: { key: Buffer }) => key.toString());
};

describe("a backup of a store", () => {
  it("holds every write that was acknowledged before, and none without those before it, while writes go on", async () => {
    const store = await open("store");
    const acknowledged = [0, 0, 0, 0];
    let isOver = false;
    const writers = acknowledged.map(async (_, writer) => {
      for (let n = 1; !isOver; n++) {
        await put(store, `${writer}/${String(n).padStart(6, "0")}`);
        acknowledged[writer] = n;
      }
    });

    const before: number[][] = [];
    for (let n = 0; n < 5; n++) {
      before.push([...acknowledged]);
      await backUpStore(place("store"), place(`backup-${n}`), systemClock);
    }
    isOver = true;
    await Promise.all(writers);

    expect(Math.min(...(before.at(-1) ?? []))).toBeGreaterThan(0);
    for (const [n, least] of before.entries()) {
      const keys = await keysOf(await open(`backup-${n}`));
      for (const [writer, count] of least.entries()) {
        const own = keys.filter((key) => key.startsWith(`${writer}/`));
        expect(own.length).toBeGreaterThanOrEqual(count);
        expect(Number(own.at(-1)?.slice(2) ?? 0)).toBe(own.length); // no hole
      }
    }
  });

  it("is restored as another store with the same keys, revisions and leases", async () => {
    const store = await open("store");
    await call(store, "Lease.LeaseGrant", { ID: "77", TTL: "600" });
    await put(store, "a", { lease: "77" });
    await put(store, "b");
    const backup = await backUpStore(place("store"), place("backup"), systemClock);

    const restored = await restoreStore(place("backup"), place("restored"), systemClock);
    const again = await open("restored");

    const whole = { key: Buffer.from([0]), range_end: Buffer.from([0]) };
    const [then, now] = [await call(store, "KV.Range", whole), await call(again, "KV.Range", whole)];
    expect([backup, restored]).toMatchObject([
      { folder: place("backup"), revision: 3, keys: 2 },
      { folder: place("restored"), revision: 3, keys: 2 },
    ]);
    expect(now.kvs).toEqual(then.kvs);
    expect(now.header.revision).toBe(then.header.revision);
    expect(now.header.cluster_id).not.toBe(then.header.cluster_id);
    expect(await call(again, "Lease.LeaseTimeToLive", { ID: "77", keys: true })).toMatchObject({ grantedTTL: "600" });
    expect((await readdir(folder)).sort()).toEqual(["backup", "restored", "store"]);
  });

  it("is not taken of nothing, nor over something", async () => {
    await put(await open("store"), "a");

    await expect(backUpStore(place("nowhere"), place("backup"), systemClock)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(backUpStore(folder, place("store"), systemClock)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await backUpStore(place("store"), place("backup"), systemClock);
    await expect(backUpStore(place("store"), place("backup"), systemClock)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(restoreStore(place("backup"), place("store"), systemClock)).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  it("is not taken of a file, nor in the place of one", async () => {
    await put(await open("store"), "a");
    await writeFile(place("file"), "");

    for (const [from, to] of [
      ["file", "backup"],
      ["store", "file"],
    ] as const)
      await expect(backUpStore(place(from), place(to), systemClock)).rejects.toMatchObject({
        code: "DATA_FOLDER",
        message: expect.stringContaining("not a directory"),
      });
  });

  it("is not made of a damaged store, nor restored from a damaged backup: nothing is left behind", async () => {
    const store = await open("store");
    for (let n = 0; n < 8; n++) await put(store, `k${n}`);
    await backUpStore(place("store"), place("backup"), systemClock);
    const [log] = (await readdir(place("backup"))).filter((name) => name.startsWith("log-"));
    const path = join(place("backup"), log ?? "");
    const bytes = await readFile(path);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await writeFile(path, bytes);

    for (const copy of [backUpStore, restoreStore])
      await expect(copy(place("backup"), place("copy"), systemClock)).rejects.toMatchObject({ code: "DATA_FOLDER" });

    expect((await readdir(folder)).sort()).toEqual(["backup", "store"]);
  });
});
