import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type EmbeddedStore, openEmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { rawInProcess } from "./raw-client.ts";

/*
 * On the small disk of its first argument: fills it but for a little, writes with 64 in flight until the store stops, tries
 * to open it there, makes room and opens it again. Prints what it saw as JSON.
 */
const [disk = ""] = process.argv.slice(2);
const LEFT_BYTES = 300_000;
const folder = join(disk, "store");
const ballast = join(disk, "ballast");
const open = () => openEmbeddedStore({ folder, clock: systemClock, snapshotAfterBytes: 64 * 1_024 });

async function writeUntilRefused(store: EmbeddedStore): Promise<{ acknowledged: string[]; refusals: number[] }> {
  const client = rawInProcess(store);
  const acknowledged: string[] = [];
  const refusals: number[] = [];
  let next = 0;
  const write = async (): Promise<void> => {
    for (;;) {
      const key = `key ${next++}`;
      try {
        await client.call("KV.Put", { key: Buffer.from(key), value: Buffer.from(`value of ${key}`) });
        acknowledged.push(key);
      } catch (error) {
        refusals.push((error as { code: number }).code);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: 64 }, write));
  return { acknowledged, refusals };
}

const first = await open();
const { bavail, bsize } = await statfs(disk);
await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - LEFT_BYTES)));
const { acknowledged, refusals } = await writeUntilRefused(first);
const failure = await first.failed;
await first.close();
const { bavail: left } = await statfs(disk);
await writeFile(join(disk, "rest"), Buffer.alloc(left * bsize)).catch(() => {}); // not a byte is left
const whileFull = await open().then(
  async (store) => {
    await store.close();
    return "opened";
  },
  (error: Error & { code: string; hint: string }) => `${error.code}: ${error.message} ${error.hint}`,
);
await rm(ballast);
const second = await open();
const client = rawInProcess(second);
const { kvs } = await client.call("KV.Range", { key: Buffer.from("key"), range_end: Buffer.from("kez") });
const stored = new Map(kvs.map((kv: { key: Buffer; value: Buffer }) => [String(kv.key), String(kv.value)]));
const lost = acknowledged.filter((key) => stored.get(key) !== `value of ${key}`);
await client.call("KV.Put", { key: Buffer.from("one more"), value: Buffer.from("value") });
await second.close();
process.stdout.write(
  `${JSON.stringify({ acknowledged: acknowledged.length, refusals: [...new Set(refusals)], failure: failure.message, hint: failure.hint, whileFull, lost })}\n`,
);
