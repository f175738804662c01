import type { Clock } from "../domain/clock.ts";
import { ERRORS, isRigError, type RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { OutboxTask } from "../domain/task.ts";
import type { TaskQueue } from "./tasks.ts";

/** Rows that were committed together with what they belong to. */
export interface OutboxStore {
  /** The oldest of each kind: one whose queue is full does not hold back the others. */
  list(limitOfKind: number): Promise<OutboxTask[]>;
  remove(ids: readonly string[]): Promise<void>;
  /** Keeps a row that the queue can never take, out of the way of the others. */
  refuse(id: string, reason: string, at: number): Promise<void>;
}

export interface SendOutboxPorts {
  readonly outbox: OutboxStore;
  readonly queue: TaskQueue;
  readonly clock: Clock;
  readonly log: Log;
}

const OF_A_KIND = 200;

/** A bug of ours is none of these: the row would be lost, and the next version may know how to send it. */
const isHopeless = (error: unknown): error is RigError => isRigError(error) && !ERRORS[error.code].retryable;

/**
 * Enqueues what the outbox holds and removes it from there; answers how many. A row that was enqueued and not removed is
 * enqueued again: its id is the task's, so it stays one. Safe to repeat, and to run twice at once.
 * @throws RigError DATABASE_UNREACHABLE, ETCD_UNREACHABLE and what else may pass: all rows that were not sent are there still
 */
export async function sendOutbox({ outbox, queue, clock, log }: SendOutboxPorts): Promise<number> {
  const rows = await outbox.list(OF_A_KIND);
  if (rows.length === 0) return 0;
  const tries = await Promise.allSettled(rows.map((row) => queue.enqueue(row)));
  const sent = rows.filter((_, i) => tries[i]?.status === "fulfilled").map(({ id }) => id);
  if (sent.length > 0) await outbox.remove(sent);
  const passing: unknown[] = [];
  for (const [i, row] of rows.entries()) {
    const attempt = tries[i];
    if (attempt?.status !== "rejected") continue;
    const { reason: error } = attempt;
    if (!isHopeless(error)) {
      passing.push(error);
      continue;
    }
    log.error({ err: error, taskId: row.id, kind: row.kind }, "a row of the outbox can never be a task");
    await outbox.refuse(row.id, error.message, clock.now());
  }
  if (passing.length > 0) throw passing[0];
  return sent.length;
}
