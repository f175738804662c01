import type { OpenBenchQueue } from "../support/bench-queue.ts";
import { peerPackage } from "../support/peer-package.ts";

/** What is used of graphile-worker 0.17. */
interface Graphile {
  readonly Logger: new (factory: () => () => void) => unknown;
  makeWorkerUtils(options: object): Promise<{
    migrate(): Promise<void>;
    addJob(identifier: string, payload: object): Promise<unknown>;
    addJobs(jobs: readonly { identifier: string; payload: object }[]): Promise<unknown>;
    release(): Promise<void>;
  }>;
  run(options: object): Promise<{ stop(): Promise<void> }>;
}

const CONCURRENCY = 24; // as in its own performance test, like the local queue's options
const BATCH = 1_000;
const LOCAL_QUEUE = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

/** graphile-worker as it is by default: a statement to get each task, and one to complete it. */
export const openGraphile: OpenBenchQueue = (url) => open(url, {});

/** graphile-worker with its local queue: 500 tasks are fetched at a time, and completed in batches. */
export const openGraphileLocalQueue: OpenBenchQueue = (url) => open(url, LOCAL_QUEUE);

async function open(connectionString: string, tuned: object) {
  process.env.NO_LOG_SUCCESS = "1"; // its own advice for speed; read as it is loaded
  const { Logger, makeWorkerUtils, run } = peerPackage("graphile-worker") as Graphile;
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  return {
    async fill(count: number) {
      const jobs = Array.from({ length: count }, (_, task) => ({ identifier: "task", payload: { task } }));
      for (let at = 0; at < count; at += BATCH) await utils.addJobs(jobs.slice(at, at + BATCH));
    },
    add: async (task: number) => void (await utils.addJob("task", { task })),
    async work(onStart: (task: number) => void) {
      const runner = await run({
        logger,
        noHandleSignals: true,
        preset: { worker: { connectionString, concurrentJobs: CONCURRENCY, maxPoolSize: CONCURRENCY, ...tuned } },
        taskList: { task: async ({ task }: { task: number }) => onStart(task) },
      });
      return { claims: null, stop: () => runner.stop() }; // what is done is only then sure to be completed in the database
    },
    close: () => utils.release(),
  };
}
