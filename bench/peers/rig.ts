import { runTaskWorker } from "../../src/context/task-worker.ts";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import type { EtcdAddress } from "../../src/etcd/connection.ts";
import { openProcessLease } from "../../src/etcd/process-lease.ts";
import { etcdTaskQueue } from "../../src/etcd/tasks/enqueue.ts";
import { commandLog } from "../../src/runtime/cli/command-log.ts";
import { systemIds } from "../../src/runtime/ids.ts";
import type { TaskHandler } from "../../src/services/run-task.ts";
import { TaskCounters } from "../../src/worker/task-counters.ts";
import type { BenchQueue, OpenBenchQueue, Workers } from "../support/bench-queue.ts";
import { openStore } from "../support/embedded-stores.ts";

const KIND = "noop";
const CONCURRENCY = 192; // two outers of group commit; shared among the workers
const FILLERS = 192;

/** rig's tasks on etcd, or on the embedded store over gRPC. */
export const openRig: OpenBenchQueue = async (url, workers) => rigQueue({ endpoints: [url] }, workers);

/** rig's tasks on the embedded store in the same process. */
export const openRigInProcess: OpenBenchQueue = async (_url, workers) => {
  const store = await openStore();
  const queue = rigQueue({ endpoints: [], transport: store.transport }, workers);
  return {
    ...queue,
    async close() {
      await queue.close();
      await store.stop();
    },
  };
};

function rigQueue(address: EtcdAddress, workers: number): BenchQueue {
  const etcd = etcdClient(address);
  const queue = etcdTaskQueue(etcd, { newId: systemIds.ulid });
  const add = async (task: number) => {
    await queue.enqueue({ kind: KIND, payload: task, policy: { retainMs: 0 } });
  };
  return {
    async fill(count) {
      let next = 0;
      const filler = async () => {
        while (next < count) await add(next++);
      };
      await Promise.all(Array.from({ length: FILLERS }, filler));
    },
    add,
    work: (onStart) => work(address, workers, onStart),
    close: () => etcd.close(),
  };
}

async function work(address: EtcdAddress, workers: number, onStart: (task: number) => void): Promise<Workers> {
  const handler: TaskHandler = { kind: KIND, run: async (task) => onStart(Number(task)) };
  const counters = new TaskCounters();
  const stop = new AbortController();
  const working = await Promise.all(
    Array.from({ length: workers }, async () => {
      const etcd = etcdClient(address);
      const concurrency = Math.ceil(CONCURRENCY / workers);
      return startWorker(etcd, { handler, concurrency, counters, signal: stop.signal });
    }),
  );
  return {
    get claims() {
      const { started } = counters.read();
      const lost = counters.of("lost");
      return { tried: started + lost, lost };
    },
    async stop() {
      stop.abort();
      await Promise.all(working.map((ended) => ended()));
    },
  };
}

interface WorkerOptions {
  readonly handler: TaskHandler;
  readonly concurrency: number;
  readonly counters: TaskCounters;
  readonly signal: AbortSignal;
}

/** A worker with a lease of its own; answers how to wait for its end. */
async function startWorker(etcd: Etcd, { handler, signal, ...options }: WorkerOptions): Promise<() => Promise<void>> {
  const lease = await openProcessLease(etcd, { processId: systemIds.ulid() });
  const coordination = { etcd, lease };
  const working = runTaskWorker(
    { coordination, handlers: [handler], kinds: null, log: commandLog, ...options },
    signal,
  );
  return async () => {
    await working;
    await lease.close();
    await etcd.close();
  };
}
