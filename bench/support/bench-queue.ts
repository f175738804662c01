import { systemClock } from "../../src/runtime/clock.ts";

/** A task queue as a benchmark sees it, rig's and its peers' alike. Tasks are numbers; to handle one is to be told of it. */
export interface BenchQueue {
  /** Enqueues the tasks 0 to `count` − 1 in the fastest way that the queue documents. */
  fill(count: number): Promise<void>;
  /** Enqueues one. */
  add(task: number): Promise<void>;
  /** Takes tasks until it is stopped. */
  work(onStart: (task: number) => void): Promise<Workers>;
  close(): Promise<void>;
}

/** What takes tasks. */
export interface Workers {
  /** So far; null where it is not counted. */
  readonly claims: Claims | null;
  /** Resolves once all that was started is acknowledged and nothing is taken any more. */
  stop(): Promise<void>;
}

/** How often a worker tried to get a task, and how often another was faster. */
export interface Claims {
  readonly tried: number;
  readonly lost: number;
}

/** Opens a queue at its server's URL (for the embedded store in process: a folder), with so many workers. */
export type OpenBenchQueue = (url: string, workers: number) => Promise<BenchQueue>;

/** What a drain took. */
export interface Drained {
  readonly seconds: number;
  readonly claims: Claims | null;
}

/** Works off what was filled in: from the workers' start until all tasks are acknowledged and the workers have ended. */
export async function drain(queue: BenchQueue, count: number): Promise<Drained> {
  const seen = new Set<number>(); // a task may run more than once
  let onStart: (task: number) => void = () => {};
  const allSeen = new Promise<void>((resolve, reject) => {
    const late = () => reject(new Error(`only ${seen.size} of ${count} tasks ran within ${LIMIT_MS} ms`));
    const limit = setTimeout(late, LIMIT_MS);
    onStart = (task) => {
      if (seen.add(task).size < count) return;
      clearTimeout(limit);
      resolve();
    };
  });
  const startedAt = systemClock.monotonic();
  const workers = await queue.work(onStart);
  await allSeen;
  await workers.stop();
  return { seconds: (systemClock.monotonic() - startedAt) / 1_000, claims: workers.claims };
}

/** Milliseconds from the call that enqueues a task to its start, at a steady pace on idle workers. */
export async function latencies(queue: BenchQueue, count: number, everyMs: number): Promise<number[]> {
  const addedAt: number[] = [];
  const startedAt: number[] = [];
  const workers = await queue.work((task) => {
    startedAt[task] ??= systemClock.monotonic();
  });
  const adding: Promise<void>[] = [];
  const total = WARM_UP + count;
  const beganAt = systemClock.monotonic();
  for (let task = 0; task < total; task++) {
    await systemClock.sleep(Math.max(1, beganAt + task * everyMs - systemClock.monotonic()), NEVER);
    addedAt[task] = systemClock.monotonic();
    adding.push(queue.add(task));
  }
  await Promise.all(adding);
  for (let task = 0; task < total; task++) while (startedAt[task] === undefined) await systemClock.sleep(1, NEVER);
  await workers.stop();
  return addedAt.map((at, task) => (startedAt[task] ?? at) - at).slice(WARM_UP);
}

const LIMIT_MS = 180_000;
const WARM_UP = 50; // the first ones pay for compiling
const NEVER = new AbortController().signal;
