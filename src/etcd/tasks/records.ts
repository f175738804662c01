import { isLimitKey, TASK_LIMITS, type Task, type TaskPolicy } from "../../domain/task.ts";
import { fromJson, toJson } from "../json-value.ts";

/**
 * What each key of a task says (spec/v1/tasks.md). Every value that is put carries the token of the operation that put
 * it. A value that another hand wrote reads as null and is passed over.
 */

const TASK_BYTES = 2 * TASK_LIMITS.payloadBytes; // what goes with the payload is a few KiB
const REASON_CHARS = 2 * TASK_LIMITS.reasonChars; // a buried one says what it failed of before, too

/** The course of a task so far; all that its index keys say. */
export interface Course {
  readonly token: string;
  /** Tries so far. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly priority: number;
  /** The length of the task's own value. */
  readonly taskBytes: number;
  readonly limitKey: string | null;
  /** Why it failed last. */
  readonly reason: string | null;
}

/** `tasks/ready/…`: `claimed` where a worker took it; its claim tells whether it still has it. */
export interface ReadyRecord extends Course {
  readonly claimed: boolean;
}

/** What a value of `tasks/task/…` says: the task, the token that put it, and when it was first due; null for at once. */
export interface TaskRecord {
  readonly task: Task;
  readonly token: string;
  readonly dueAt: number | null;
}

export const writeTask = ({ task, token, dueAt }: TaskRecord): Buffer =>
  toJson({ ...task, token, dueAt: dueAt ?? undefined });

/** The record in a value of `tasks/task/…`. */
export function readTask(value: Buffer): TaskRecord | null {
  const record = fromJson(value);
  if (!record) return null;
  const { id, kind, payload, priority, policy, dedupeKey, limitKey, enqueuedAt, token, dueAt } = record;
  if (typeof id !== "string" || typeof kind !== "string" || !isPolicy(policy)) return null;
  const task = {
    id,
    kind,
    payload,
    priority: Number(priority),
    policy,
    dedupeKey: text(dedupeKey),
    limitKey: text(limitKey),
    enqueuedAt: Number(enqueuedAt),
  };
  return { task, token: String(token), dueAt: isWhole(dueAt) ? dueAt : null };
}

// Short names, and no spread: twenty thousand of these pass by every worker in seconds.
export function writeCourse(course: Course, more: { readonly c?: 1; readonly at?: number } = {}): Buffer {
  const { token: t, attempt: a, maxAttempts: m, priority: p, taskBytes: b, limitKey, reason } = course;
  return toJson({ t, a, m, p, b, k: limitKey ?? undefined, r: reason ?? undefined, c: more.c, at: more.at });
}

export const writeReady = (ready: ReadyRecord): Buffer => writeCourse(ready, ready.claimed ? { c: 1 } : {});

export function readReady(value: Buffer): ReadyRecord | null {
  const record = fromJson(value);
  const course = record && courseOf(record);
  return course && Object.assign(course, { claimed: record.c === 1 });
}

/** The course in a value of `tasks/delay/…`. */
export function readCourse(value: Buffer): Course | null {
  const record = fromJson(value);
  return record && courseOf(record);
}

/** `tasks/dead/…` */
export const writeDead = (course: Course, diedAt: number): Buffer => writeCourse(course, { at: diedAt });

export function readDead(value: Buffer): { course: Course; diedAt: number } | null {
  const record = fromJson(value);
  const course = record && courseOf(record);
  return course && { course, diedAt: Number(record.at) };
}

function courseOf({ t, a, m, p, b, k, r }: Readonly<Record<string, unknown>>): Course | null {
  if (typeof t !== "string" || !isWhole(a) || !isWhole(m)) return null;
  if (!isWhole(p, TASK_LIMITS.priorities - 1) || !isWhole(b, TASK_BYTES)) return null;
  const [limitKey, reason] = [text(k), text(r)?.slice(0, REASON_CHARS) ?? null];
  if (limitKey !== null && !isLimitKey(limitKey)) return null;
  return { token: t, attempt: a, maxAttempts: m, priority: p, taskBytes: b, limitKey, reason };
}

const isWhole = (value: unknown, highest = Number.MAX_SAFE_INTEGER): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= highest;

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

function isPolicy(value: unknown): value is TaskPolicy {
  const { maxAttempts, backoff, retainMs } = (value ?? {}) as Partial<TaskPolicy>;
  return [maxAttempts, retainMs, backoff?.floorMs, backoff?.ceilingMs].every((each) => typeof each === "number");
}
