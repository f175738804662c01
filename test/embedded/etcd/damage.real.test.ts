import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedStore, openEmbeddedStore, type StoreOptions } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { until } from "../../support/until.ts";
import { type Message, rawInProcess } from "./raw-client.ts";

let folder: string;
let warnings: { fields: Message; message: string }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-store-"));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const log = {
  info: () => {},
  warn: (fields: object, message: string) => warnings.push({ fields, message }),
  error: () => {},
};
const open = (more: Partial<StoreOptions> = {}) => openEmbeddedStore({ folder, clock: systemClock, log, ...more });
const put = (store: EmbeddedStore, key: string, value: string) =>
  rawInProcess(store).call("KV.Put", { key: Buffer.from(key), value: Buffer.from(value) });
const all = async (store: EmbeddedStore): Promise<Record<string, string>> => {
  const { kvs } = await rawInProcess(store).call("KV.Range", { key: Buffer.from("\0"), range_end: Buffer.from("\0") });
  return Object.fromEntries(kvs.map(({ key, value }: Message) => [String(key), String(value)]));
};
const logFile = () => join(folder, "log-0000000001");

/** Three writes, each on disk by itself; where each begins and ends, and all bytes, as a kill would leave them. */
async function threeWrites(): Promise<{ ends: number[]; bytes: Buffer }> {
  const store = await open();
  const ends: number[] = [];
  for (const key of ["one", "two", "three"]) {
    await put(store, key, `value ${key}`);
    ends.push((await readFile(logFile())).length);
  }
  const bytes = await readFile(logFile());
  await store.close();
  await writeFile(logFile(), bytes); // without the mark of a clean end
  return { ends, bytes };
}

describe("a log that is cut off", () => {
  it.each([1, 5, 19, 25])("loses only the write that %i bytes are missing of, and says so", async (missing) => {
    const { ends } = await threeWrites();
    await truncate(logFile(), (ends[2] as number) - missing);

    const store = await open();

    expect(Object.keys(await all(store))).toEqual(["one", "two"]);
    expect(warnings).toEqual([
      {
        fields: expect.objectContaining({ droppedBytes: (ends[2] as number) - (ends[1] as number) - missing }),
        message: expect.stringContaining("never finished"),
      },
    ]);
    await put(store, "four", "value");
    await store.close();
    expect(Object.keys(await all(await reopened()))).toEqual(["four", "one", "two"]);
  });

  it("goes on behind whole writes without a word", async () => {
    const { ends } = await threeWrites();
    await truncate(logFile(), ends[1]);

    const store = await open();

    expect(Object.keys(await all(store))).toEqual(["one", "two"]);
    expect(warnings).toEqual([]);
    await store.close();
  });

  it("drops zeros that a crash of the system left behind its end", async () => {
    await threeWrites();
    await appendFile(logFile(), Buffer.alloc(4_096));

    const store = await open();

    expect(Object.keys(await all(store)).length).toBe(3);
    expect(warnings.length).toBe(1);
    await store.close();
  });
});

const stores: EmbeddedStore[] = [];
const reopened = async () => {
  const store = await open();
  stores.push(store);
  return store;
};
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

describe("a log with a flipped bit", () => {
  it("in any byte before its last write stops the start, naming file and place", async () => {
    const { ends, bytes } = await threeWrites();
    const step = 7; // every byte would take a minute
    for (let at = 0; at < (ends[1] as number); at += step) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      await writeFile(logFile(), flipped);

      await expect(open(), `byte ${at}`).rejects.toMatchObject({
        code: "DATA_FOLDER",
        message: expect.stringMatching(/log-0000000001 is damaged: the write at byte \d+/),
      });
    }
    await writeFile(logFile(), bytes);
    expect(Object.keys(await all(await reopened())).length).toBe(3);
  });

  it("in its last write loses that write alone, and says so: it could be one that never finished", async () => {
    const { ends, bytes } = await threeWrites();
    bytes[(ends[2] as number) - 1] = (bytes[(ends[2] as number) - 1] as number) ^ 1;
    await writeFile(logFile(), bytes);

    const store = await reopened();

    expect(Object.keys(await all(store))).toEqual(["one", "two"]);
    expect(warnings.length).toBe(1);
  });

  it("in a log that was closed cleanly stops the start even in the last write", async () => {
    const store = await open();
    await put(store, "one", "value one");
    await store.close();
    const bytes = await readFile(logFile());
    const at = bytes.indexOf("value one");
    bytes[at] = (bytes[at] as number) ^ 1;
    await writeFile(logFile(), bytes);

    await expect(open()).rejects.toMatchObject({ code: "DATA_FOLDER" });
  });
});

describe("snapshots", () => {
  /** A store whose log was long enough for one, closed again. */
  async function withSnapshot(): Promise<Record<string, string>> {
    const store = await open({ snapshotAfterBytes: 20_000 });
    for (let i = 0; i < 60; i++) await put(store, `k${i % 20}`, `${i}`.repeat(500));
    await until(async () => (await readdir(folder)).some((name) => /^snapshot-\d+$/.test(name)));
    await put(store, "behind", "the snapshot");
    const content = await all(store);
    await store.close();
    return content;
  }

  it("stand for the log before them, which is removed", async () => {
    const content = await withSnapshot();

    const store = await open();

    expect(await all(store)).toEqual(content);
    expect(await readdir(folder)).not.toContain("log-0000000001");
    await store.close();
  });

  it("that are damaged stop the start, naming the file", async () => {
    await withSnapshot();
    const name = (await readdir(folder)).find((file) => file.startsWith("snapshot-")) as string;
    const bytes = await readFile(join(folder, name));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 4;
    await writeFile(join(folder, name), bytes);

    await expect(open()).rejects.toMatchObject({ code: "DATA_FOLDER", message: expect.stringContaining(name) });
  });

  it("that were never finished are passed over", async () => {
    const content = await withSnapshot();
    await writeFile(join(folder, "snapshot-0000000099.unfinished"), "half");

    const store = await open();

    expect(await all(store)).toEqual(content);
    expect((await readdir(folder)).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
    await store.close();
  });

  it("without the log behind them stop the start where a later one is there", async () => {
    const store = await open();
    await put(store, "a", "1");
    await store.close();
    await writeFile(join(folder, "log-0000000003"), "");

    await expect(open()).rejects.toMatchObject({
      message: expect.stringContaining("log-0000000002 is damaged: it is missing"),
    });
  });
});

describe("after a restart", () => {
  it("revisions go on, history is there, and leases have their full time again", async () => {
    const first = await open();
    await rawInProcess(first).call("Lease.LeaseGrant", { ID: 77, TTL: 600 });
    await rawInProcess(first).call("KV.Put", { key: Buffer.from("k"), value: Buffer.from("1"), lease: 77 });
    await put(first, "k", "2");
    await rawInProcess(first).call("KV.Put", { key: Buffer.from("k"), value: Buffer.from("3"), lease: 77 });
    await first.close();

    const client = rawInProcess(await reopened());

    expect((await client.call("KV.Range", { key: Buffer.from("k"), revision: 2 })).kvs[0].value.toString()).toBe("1");
    const { header, TTL, keys } = await client.call("Lease.LeaseTimeToLive", { ID: 77, keys: true });
    expect({ revision: header.revision, TTL: Number(TTL) > 590, keys: keys.map(String) }).toEqual({
      revision: "4",
      TTL: true,
      keys: ["k"],
    });
    await client.call("Lease.LeaseRevoke", { ID: 77 });
    expect((await client.call("KV.Range", { key: Buffer.from("k") })).count).toBe("0");
  });
});
