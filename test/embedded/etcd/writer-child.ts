import { openEmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { rawInProcess } from "./raw-client.ts";

/*
 * Writes into the folder of its first argument with 64 in flight, and prints each key once its write was acknowledged,
 * until it is killed. Small snapshots on the way, so that a kill may hit one.
 */
const [folder = "", round = ""] = process.argv.slice(2);
const store = await openEmbeddedStore({ folder, clock: systemClock, snapshotAfterBytes: 64 * 1_024 });
const client = rawInProcess(store);
process.stdout.write("open\n");
let next = 0;
await Promise.all(
  Array.from({ length: 64 }, async () => {
    for (;;) {
      const key = `${round}/${next++}`;
      await client.call("KV.Put", { key: Buffer.from(key), value: Buffer.from(`value of ${key}`) });
      process.stdout.write(`${key}\n`);
    }
  }),
);
