import { checkKind, checkTaskId } from "../../domain/task.ts";
import type { TaskStatus } from "../../domain/task-status.ts";
import { fromJson } from "../json-value.ts";
import type { EtcdKeys } from "../keys.ts";
import type { KeyValue } from "../operation.ts";
import { type Course, readCourse, readDead, readReady } from "./records.ts";

/** What the keys of a task say to operators; each of these is null for another hand's key or value. */

type Keys = Pick<EtcdKeys, "segments" | "tasks">;

/** Which task a key is about. */
interface TaskName {
  readonly kind: string;
  readonly id: string;
}

const UNKNOWN = {
  ...{ dueAt: null, startedAt: null, endedAt: null },
  ...{ workerId: null, progress: null, reason: null },
} as const;

const courseOf = ({ priority, attempt, maxAttempts, reason }: Course) => ({ priority, attempt, maxAttempts, reason });

/** Of a key of `tasks/ready/`; `claimed` where a worker took it, be it alive or not. */
export function readyStatus({ segments, tasks }: Keys, { key, value }: KeyValue) {
  const record = readReady(value);
  const [kind, place, ...more] = segments(key, tasks.allReady);
  const name = taskName(kind, place?.slice(1), more);
  if (!record || !name) return null;
  const status: TaskStatus = { ...UNKNOWN, ...name, state: "ready", ...courseOf(record) };
  return { status, claimed: record.claimed };
}

/** Of a key of `tasks/delay/`. */
export function delayedStatus(keys: Keys, { key, value }: KeyValue): TaskStatus | null {
  const course = readCourse(value);
  const name = delayedName(keys, key);
  if (!course || !name) return null;
  const [dueAt] = keys.segments(key, keys.tasks.allDelayed);
  return { ...UNKNOWN, ...name, state: "delayed", dueAt: instant(Number(dueAt)), ...courseOf(course) };
}

/** Of a key of `tasks/dead/`. */
export function deadStatus(keys: Keys, { key, value }: KeyValue): TaskStatus | null {
  const record = readDead(value);
  const name = deadName(keys, key);
  if (!record || !name) return null;
  return { ...UNKNOWN, ...name, state: "dead", endedAt: instant(record.diedAt), ...courseOf(record.course) };
}

/** Of a key of `tasks/claim/`. */
export function runningStatus({ segments, tasks }: Keys, { key, value }: KeyValue): TaskStatus | null {
  const claim = fromJson(value);
  const [id, ...more] = segments(key, tasks.claims);
  const name = taskName(claim?.kind, id, more);
  if (!claim || !name) return null;
  return {
    ...{ ...UNKNOWN, ...name, state: "running" },
    ...{ attempt: wholeOrNull(claim.attempt) ?? 0, workerId: String(claim.workerId) },
    ...{ startedAt: instant(claim.startedAt), priority: wholeOrNull(claim.priority) },
    maxAttempts: wholeOrNull(claim.maxAttempts),
  };
}

/** Of a key of `tasks/result/`. */
export function endedStatus({ segments, tasks }: Keys, { key, value }: KeyValue): TaskStatus | null {
  const record = fromJson(value);
  const [id, ...more] = segments(key, tasks.results);
  const name = taskName(record?.kind, id, more);
  if (!record || !name) return null;
  return {
    ...{ ...UNKNOWN, ...name, state: record.state === "cancelled" ? "cancelled" : "done" },
    ...{ attempt: wholeOrNull(record.attempt) ?? 0, priority: null, maxAttempts: null },
    endedAt: instant(record.endedAt),
    reason: typeof record.reason === "string" ? record.reason : null,
  };
}

/** Of a value of `tasks/progress/`. */
export function progressOf(value: Buffer): TaskStatus["progress"] {
  const record = fromJson(value);
  if (!record || typeof record.percent !== "number") return null;
  return { percent: record.percent, note: String(record.note ?? "") };
}

const DUE = /^\d{15}$/;

/** The task that a key of `tasks/delay/` is about. */
export function delayedName({ segments, tasks }: Keys, key: string): TaskName | null {
  const [dueAt = "", kind, id, ...more] = segments(key, tasks.allDelayed);
  return DUE.test(dueAt) ? taskName(kind, id, more) : null;
}

/** The task that a key of `tasks/dead/` is about. */
export function deadName({ segments, tasks }: Keys, key: string): TaskName | null {
  const [kind, id, ...more] = segments(key, tasks.allDead);
  return taskName(kind, id, more);
}

/** True for what can be a kind. */
export const isKind = (kind: string): boolean => taskName(kind, "x", []) !== null;

function taskName(kind: unknown, id: string | undefined, more: readonly string[]): TaskName | null {
  if (typeof kind !== "string" || id === undefined || more.length > 0) return null;
  try {
    checkKind(kind);
    checkTaskId(id);
    return { kind, id };
  } catch {
    return null; // no key of ours
  }
}

/** An instant as it may be shown; null for what is none. */
export const instant = (value: unknown): number | null =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LATEST ? value : null;

const LATEST = 8.64e15; // the last one that a Date can say

const wholeOrNull = (value: unknown): number | null => (Number.isInteger(value) ? (value as number) : null);
