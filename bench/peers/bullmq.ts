import type { OpenBenchQueue } from "../support/bench-queue.ts";
import { peerPackage } from "../support/peer-package.ts";

/** What is used of BullMQ 6. */
interface BullMq {
  readonly Queue: new (
    name: string,
    options: object,
  ) => {
    add(name: string, data: unknown): Promise<unknown>;
    addBulk(jobs: readonly { name: string; data: unknown }[]): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly Worker: new (
    name: string,
    handle: (job: { data: number }) => Promise<void>,
    options: object,
  ) => { waitUntilReady(): Promise<unknown>; on(event: "error", listener: () => void): void; close(): Promise<void> };
}

const CONCURRENCY = 64;
const BATCH = 1_000;

/** BullMQ: nothing is kept of a task that is done. */
export const openBullMq: OpenBenchQueue = async (url) => {
  const { Queue, Worker } = peerPackage("bullmq") as BullMq;
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue("tasks", { connection, defaultJobOptions: { removeOnComplete: true } });
  return {
    async fill(count) {
      const jobs = Array.from({ length: count }, (_, data) => ({ name: "task", data }));
      for (let at = 0; at < count; at += BATCH) await queue.addBulk(jobs.slice(at, at + BATCH));
    },
    add: async (task) => void (await queue.add("task", task)),
    async work(onStart) {
      const worker = new Worker("tasks", async ({ data }) => onStart(data), { connection, concurrency: CONCURRENCY });
      await worker.waitUntilReady();
      return { claims: null, stop: () => worker.close() };
    },
    close: () => queue.close(),
  };
};
