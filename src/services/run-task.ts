import type { Clock, Random } from "../domain/clock.ts";
import { isRigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { safeText } from "../domain/safe-text.ts";
import { TASK_LIMITS, taskBackoffMs } from "../domain/task.ts";
import type { TaskSwitch } from "./task-stop.ts";
import type { ClaimedTask, TaskEnd, TaskLimit } from "./tasks.ts";

/** One kind of task: what its payload must be, and what to do. */
export interface TaskHandler {
  readonly kind: string;
  /** How many may run at once in this process; as many as it takes where it is left out. */
  readonly concurrency?: number;
  /** How many may run at once on all workers together. */
  readonly limit?: TaskLimit;
  /** One try takes no longer; 60 s where it is left out. */
  readonly timeoutMs?: number;
  /**
   * Does it, and answers the result. It may run again although it was done: what it does must be safe to repeat, or
   * guarded by the task's id. A payload that it cannot read is INVALID_INPUT.
   */
  run(payload: unknown, context: TaskContext): Promise<unknown>;
}

/** What a handler has beside its payload. */
export interface TaskContext {
  readonly taskId: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborts when the task is cancelled, took too long, the worker stops, or its claim may be lost. */
  readonly signal: AbortSignal;
  /** Tells how far it is, 0 to 100. Never rejects. */
  progress(percent: number, note?: string): Promise<void>;
}

export const TASK_TIMEOUT_MS = 60_000;

interface RunOptions {
  readonly handler: TaskHandler | undefined;
  readonly context: TaskContext;
  /** That of the context's signal. */
  readonly stop: TaskSwitch;
  readonly clock: Pick<Clock, "sleep">;
  readonly random: Random;
  readonly log: Log;
}

const HEED_MS = 1_000; // what has not ended so long after it was aborted is not waited for

/**
 * Runs a claimed task and says how it ended. Never rejects. What ended although its claim may be lost is noted all the
 * same: where it is lost, the note is refused. A kind that nobody knows and a payload that its kind cannot read are dead
 * at once: trying again would change nothing.
 */
export async function runTask(claimed: ClaimedTask, options: RunOptions): Promise<TaskEnd> {
  const { handler, context, stop, clock, random, log } = options;
  const { task } = claimed;
  if (!handler) return { how: "dead", reason: `no worker knows the kind ${task.kind}` };
  try {
    if (stop.stop) throw stop.stop; // who only listens for the abort would not hear of one that has been
    return { how: "done", result: await heeded(handler.run(task.payload, context), stop, clock) };
  } catch (error) {
    const stopped = stop.stop;
    if (stopped?.why === "stopping") return { how: "handed back", isTryCounted: false };
    if (stopped?.why === "claim in doubt") return { how: "handed back", isTryCounted: true };
    if (stopped?.why === "cancelled") return { how: "cancelled", by: stopped.by };
    const limitMs = handler.timeoutMs ?? TASK_TIMEOUT_MS;
    const reason = stopped ? `took longer than ${limitMs} ms` : reasonOf(error, claimed, log);
    const isHopeless = isRigError(error, "INVALID_INPUT") && !stopped;
    if (isHopeless || context.attempt >= task.policy.maxAttempts) return { how: "dead", reason };
    return { how: "failed", reason, retryInMs: taskBackoffMs(task.policy, context.attempt, random) };
  }
}

/** What `running` comes to; rejects where it goes on regardless of its abort. */
function heeded(running: Promise<unknown>, stop: TaskSwitch, clock: Pick<Clock, "sleep">): Promise<unknown> {
  return new Promise((resolve, reject) => {
    running.then(resolve, reject);
    stop.onAbort(() => {
      const ended = new AbortController();
      const end = () => ended.abort();
      running.then(end, end);
      void clock.sleep(HEED_MS, ended.signal).then(() => reject(new Error("it did not heed its abort"))); // too late where it did
    });
  });
}

const CLASS_NAME = /^[A-Za-z][A-Za-z0-9]{0,49}$/;

/**
 * Why it failed, as everybody who reads etcd may know it. What is no RigError is a bug or a neighbour's word, and may hold
 * a secret (a URL with its key): its message goes to this worker's log alone, under the reference that the reason names.
 */
function reasonOf(error: unknown, { task, attempt, claim }: ClaimedTask, log: Log): string {
  if (isRigError(error)) return safeText(`${error.code}: ${error.message}`).slice(0, TASK_LIMITS.reasonChars);
  const ref = claim.token;
  log.error({ err: error, taskId: task.id, kind: task.kind, attempt, ref }, "task threw what is no error of rig's");
  const name = error instanceof Error && CLASS_NAME.test(error.name) ? error.name : "Error";
  return `${name}: its worker's log says more, ref ${ref}`;
}
