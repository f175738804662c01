import { systemClock } from "../../src/runtime/clock.ts";
import type { OpenBenchQueue } from "../support/bench-queue.ts";
import { peerPackage } from "../support/peer-package.ts";

/** What is used of pg-boss 10. */
type PgBoss = new (
  options: object,
) => {
  on(event: "error", listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  createQueue(name: string): Promise<void>;
  send(name: string, data: object): Promise<unknown>;
  insert(jobs: readonly { name: string; data: object }[]): Promise<void>;
  fetch(name: string, options: { batchSize: number }): Promise<{ id: string; data: { task: number } }[]>;
  complete(name: string, ids: readonly string[]): Promise<unknown>;
  clearStorage(): Promise<void>;
  stop(options: object): Promise<void>;
};

const QUEUE = "tasks";
const BATCH = 100;
const FETCHERS = 4;
const INSERT_BATCH = 1_000;
const IDLE_MS = 20;

/** pg-boss in batches of 100, by `fetch` and `complete`: its own `work` waits for half a second between two batches. */
export const openPgBoss: OpenBenchQueue = async (url) => {
  const Boss = peerPackage("pg-boss") as PgBoss;
  const boss = new Boss({ connectionString: url, supervise: false, schedule: false, max: 10 });
  boss.on("error", (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue(QUEUE);
  return {
    async fill(count) {
      await boss.clearStorage(); // else what is done weighs on the next round
      const jobs = Array.from({ length: count }, (_, task) => ({ name: QUEUE, data: { task } }));
      for (let at = 0; at < count; at += INSERT_BATCH) await boss.insert(jobs.slice(at, at + INSERT_BATCH));
    },
    add: async (task) => void (await boss.send(QUEUE, { task })),
    async work(onStart) {
      const stopped = new AbortController();
      const fetcher = async () => {
        while (!stopped.signal.aborted) {
          const jobs = await boss.fetch(QUEUE, { batchSize: BATCH });
          for (const { data } of jobs) onStart(data.task);
          if (jobs.length === 0) await systemClock.sleep(IDLE_MS, stopped.signal);
          else
            await boss.complete(
              QUEUE,
              jobs.map(({ id }) => id),
            );
        }
      };
      const fetchers = Promise.all(Array.from({ length: FETCHERS }, fetcher));
      return {
        claims: null,
        async stop() {
          stopped.abort();
          await fetchers;
        },
      };
    },
    close: () => boss.stop({ graceful: false }),
  };
};
