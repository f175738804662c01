import type { IKeyValue } from "etcd3";
import { connect } from "../../src/etcd/connection.ts";
import { driver } from "../../src/etcd/driver.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { OpenBenchQueue } from "../support/bench-queue.ts";

const READY = "ready/";
const CLAIMED = "claimed/";
const LOOKED_AT = 16; // enough for four workers to find one that nobody else picks
const FILLERS = 64;
const IDLE_MS = 20;

/**
 * The recipe that one writes first: each worker looks at the head of the ready tasks, claims one of them by a
 * compare-and-delete, and removes its claim when it is done. One client and one task at a time for each worker.
 */
export const openNaiveEtcd: OpenBenchQueue = async (url, workers) => {
  const clients = Array.from({ length: workers }, () => connect({ endpoints: [url] }));
  const [first = connect({ endpoints: [url] })] = clients;
  const put = async (task: number) => {
    const key = Buffer.from(`${READY}${String(task).padStart(9, "0")}`);
    await first.kv.put({ key, value: Buffer.from(String(task)) });
  };

  return {
    async fill(count) {
      let next = 0;
      const filler = async () => {
        while (next < count) await put(next++);
      };
      await Promise.all(Array.from({ length: FILLERS }, filler));
    },
    add: put,
    async work(onStart) {
      const stopped = new AbortController();
      const claims = { tried: 0, lost: 0 };
      const worker = async ({ kv }: (typeof clients)[number]) => {
        while (!stopped.signal.aborted) {
          const { kvs } = await kv.range({ key: READY_START, range_end: READY_END, limit: LOOKED_AT });
          const picked = kvs[Math.floor(Math.random() * kvs.length)];
          if (!picked) {
            await systemClock.sleep(IDLE_MS, stopped.signal);
            continue;
          }
          claims.tried += 1;
          const claimed = Buffer.from(picked.key.toString().replace(READY, CLAIMED));
          if ((await kv.txn(claim(picked, claimed))).succeeded) {
            onStart(Number(picked.value));
            await kv.txn(acknowledge(claimed));
          } else claims.lost += 1;
        }
      };
      const working = Promise.all(clients.map(worker));
      return {
        claims,
        async stop() {
          stopped.abort();
          await working;
        },
      };
    },
    async close() {
      for (const client of clients) client.close();
    },
  };
};

const READY_START = Buffer.from(READY);
const READY_END = Buffer.from("ready0"); // "0" follows "/"

const claim = ({ key, mod_revision, value }: IKeyValue, claimed: Buffer) => ({
  compare: [{ key, target: driver.CompareTarget.Mod, result: driver.CompareResult.Equal, mod_revision }],
  success: [{ request_delete_range: { key } }, { request_put: { key: claimed, value } }],
  failure: [],
});

const acknowledge = (key: Buffer) => ({
  compare: [{ key, target: driver.CompareTarget.Create, result: driver.CompareResult.NotEqual, create_revision: "0" }],
  success: [{ request_delete_range: { key } }],
  failure: [],
});
