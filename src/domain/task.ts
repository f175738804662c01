import { invalidInput } from "./errors.ts";

/** Where a task is: waiting for its time, waiting for a worker, with a worker, given up, or over. */
export type TaskState = "delayed" | "ready" | "running" | "dead" | "done" | "cancelled";

/** How a kind's tasks are tried: how often, how far apart, how long one try may take, how long the result is kept. */
export interface TaskPolicy {
  /** Tries before it is dead, 1 or more. A worker that dies has used one up. */
  readonly maxAttempts: number;
  /** The wait after the first failure; doubles with each, up to `ceilingMs`. */
  readonly backoff: { readonly floorMs: number; readonly ceilingMs: number };
  /** How long its result stays, 0 for not at all. Meanwhile the same id is not run again. */
  readonly retainMs: number;
}

/** What somebody wants done. */
export interface TaskOrder {
  readonly kind: string;
  /** Anything that JSON can say, 64 KiB at most. */
  readonly payload: unknown;
  /** The same id is the same task: enqueued once, however often it is ordered. A new ULID where it is left out. */
  readonly id?: string;
  /** 0 to 9, 9 first; 5 where it is left out. */
  readonly priority?: number;
  readonly delayMs?: number;
  /** While a task of this kind with this key was ordered less than `dedupeMs` ago, no other one is. */
  readonly dedupeKey?: string;
  readonly dedupeMs?: number;
  /** Tasks with the same key share the limit of their kind, where that is per key. */
  readonly limitKey?: string;
  readonly policy?: Partial<TaskPolicy>;
}

/** A task that is ordered together with a row of PostgreSQL: it comes with that row's commit, or not at all. */
export type OutboxTask = Pick<Task, "id" | "kind" | "payload">;

/** A task as it was accepted. It never changes. */
export interface Task {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly priority: number;
  readonly policy: TaskPolicy;
  readonly dedupeKey: string | null;
  readonly limitKey: string | null;
  readonly enqueuedAt: number;
}

/** For kinds that say nothing else. */
export const TASK_POLICY: TaskPolicy = {
  maxAttempts: 8, // with these waits: given up after about an hour
  backoff: { floorMs: 1_000, ceilingMs: 30 * 60_000 },
  retainMs: 60 * 60_000,
};

/** Bounds of a task, held before it is accepted. */
export const TASK_LIMITS = {
  payloadBytes: 64 * 1024,
  priorities: 10,
  attempts: 100,
  delayMs: 366 * 86_400_000,
  retainMs: 31 * 86_400_000,
  dedupeMs: 31 * 86_400_000,
  dedupeKeyChars: 200,
  limitKeyChars: 150, // it stands behind its kind in one part of an etcd key
  reasonChars: 500,
  resultBytes: 16 * 1024,
} as const;

const KIND = /^[a-z][a-z0-9-]{0,39}$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/;
const DEFAULT_PRIORITY = 5;

/**
 * The task that an order asks for.
 * @param newId used where the order names none
 * @throws RigError INVALID_INPUT that names the field and shows the value
 */
export function taskOf(order: TaskOrder, enqueuedAt: number, newId: () => string): Task {
  const { kind, payload, id = newId(), priority = DEFAULT_PRIORITY, dedupeKey = null, limitKey = null } = order;
  const policy = { ...TASK_POLICY, ...order.policy };
  checkKind(kind);
  checkTaskId(id);
  checkRange("priority", priority, 0, TASK_LIMITS.priorities - 1);
  checkRange("delayMs", order.delayMs ?? 0, 0, TASK_LIMITS.delayMs);
  checkRange("dedupeMs", order.dedupeMs ?? 0, 0, TASK_LIMITS.dedupeMs);
  checkRange("maxAttempts", policy.maxAttempts, 1, TASK_LIMITS.attempts);
  checkRange("retainMs", policy.retainMs, 0, TASK_LIMITS.retainMs);
  checkRange("backoff.floorMs", policy.backoff.floorMs, 0, TASK_LIMITS.delayMs);
  checkRange("backoff.ceilingMs", policy.backoff.ceilingMs, policy.backoff.floorMs, TASK_LIMITS.delayMs);
  checkSharedKey("dedupeKey", dedupeKey, TASK_LIMITS.dedupeKeyChars);
  checkSharedKey("limitKey", limitKey, TASK_LIMITS.limitKeyChars);
  return { id, kind, payload, priority, policy, dedupeKey, limitKey, enqueuedAt };
}

function checkSharedKey(field: string, key: string | null, longest: number): void {
  if (key !== null && !isSharedKey(key, longest))
    throw invalidInput(field, `must be 1-${longest} characters without "/", got ${JSON.stringify(key)}`);
}

const isSharedKey = (key: string, longest: number): boolean =>
  key.length >= 1 && key.length <= longest && !/[/\p{Cc}\p{Cs}]/u.test(key);

/** True for a limit key as an order may have it. */
export const isLimitKey = (key: string): boolean => isSharedKey(key, TASK_LIMITS.limitKeyChars);

/** True where both are as an order may have them. */
export const isTaskName = (kind: string, id: string): boolean => KIND.test(kind) && ID.test(id);

/** @throws RigError INVALID_INPUT */
export function checkKind(kind: string): void {
  if (!KIND.test(kind))
    throw invalidInput(
      "kind",
      `must be 1-40 of a-z, 0-9 and "-", beginning with a letter, got ${JSON.stringify(kind)}`,
    );
}

/** @throws RigError INVALID_INPUT */
export function checkTaskId(id: string): void {
  if (!ID.test(id)) throw invalidInput("id", `must be 1-100 of A-Z, a-z, 0-9 and "._:@-", got ${JSON.stringify(id)}`);
}

function checkRange(field: string, value: number, lowest: number, highest: number): void {
  if (!Number.isInteger(value) || value < lowest || value > highest)
    throw invalidInput(field, `must be a whole number from ${lowest} to ${highest}, got ${value}`);
}

/**
 * How long a task waits after a failed try, in milliseconds: full jitter between the floor and a ceiling that doubles
 * with each failure.
 * @param attempt the try that failed, 1 for the first
 */
export function taskBackoffMs({ backoff }: TaskPolicy, attempt: number, random: () => number): number {
  const highestMs = Math.min(backoff.ceilingMs, backoff.floorMs * 2 ** Math.min(attempt, 30));
  return Math.round(backoff.floorMs + random() * Math.max(0, highestMs - backoff.floorMs));
}
