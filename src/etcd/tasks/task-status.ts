import type { TaskStatus } from "../../domain/task-status.ts";
import { fromJson } from "../json-value.ts";
import type { EtcdKeys } from "../keys.ts";
import type { KeyValue } from "../operation.ts";
import { type Course, readCourse, readDead, readReady } from "./records.ts";

/** What the keys of a task say to operators; each of these is null for another hand's value. */

type Keys = Pick<EtcdKeys, "segments" | "tasks">;

const UNKNOWN = {
  ...{ dueAt: null, startedAt: null, endedAt: null },
  ...{ workerId: null, progress: null, reason: null },
} as const;

const courseOf = ({ priority, attempt, maxAttempts, reason }: Course) => ({ priority, attempt, maxAttempts, reason });

/** Of a key of `tasks/ready/`; `claimed` where a worker took it, be it alive or not. */
export function readyStatus({ segments, tasks }: Keys, { key, value }: KeyValue) {
  const record = readReady(value);
  const [kind = "", place = ""] = segments(key, tasks.allReady);
  if (!record) return null;
  const status: TaskStatus = { ...UNKNOWN, id: place.slice(1), kind, state: "ready", ...courseOf(record) };
  return { status, claimed: record.claimed };
}

/** Of a key of `tasks/delay/`. */
export function delayedStatus({ segments, tasks }: Keys, { key, value }: KeyValue): TaskStatus | null {
  const course = readCourse(value);
  const [dueAt = "", kind = "", id = ""] = segments(key, tasks.allDelayed);
  return course && { ...UNKNOWN, id, kind, state: "delayed", dueAt: Number(dueAt), ...courseOf(course) };
}

/** Of a key of `tasks/dead/`. */
export function deadStatus({ segments, tasks }: Keys, { key, value }: KeyValue): TaskStatus | null {
  const record = readDead(value);
  const [kind = "", id = ""] = segments(key, tasks.allDead);
  return record && { ...UNKNOWN, id, kind, state: "dead", endedAt: record.diedAt, ...courseOf(record.course) };
}

/** Of a key of `tasks/claim/`. */
export function runningStatus({ segments, tasks }: Keys, { key, value }: KeyValue): TaskStatus | null {
  const claim = fromJson(value);
  const [id = ""] = segments(key, tasks.claims);
  if (!claim || typeof claim.kind !== "string") return null;
  return {
    ...UNKNOWN,
    ...{ id, kind: claim.kind, state: "running" },
    ...{ attempt: Number(claim.attempt), workerId: String(claim.workerId), startedAt: Number(claim.startedAt) },
    priority: numberOrNull(claim.priority),
    maxAttempts: numberOrNull(claim.maxAttempts),
  };
}

/** Of a key of `tasks/result/`. */
export function endedStatus({ segments, tasks }: Keys, { key, value }: KeyValue): TaskStatus | null {
  const record = fromJson(value);
  const [id = ""] = segments(key, tasks.results);
  if (!record || typeof record.kind !== "string") return null;
  return {
    ...UNKNOWN,
    ...{ id, kind: record.kind, state: record.state === "cancelled" ? "cancelled" : "done" },
    ...{ attempt: Number(record.attempt), priority: null, maxAttempts: null, endedAt: Number(record.endedAt) },
    reason: typeof record.reason === "string" ? record.reason : null,
  };
}

/** Of a value of `tasks/progress/`. */
export function progressOf(value: Buffer): TaskStatus["progress"] {
  const record = fromJson(value);
  return record && { percent: Number(record.percent), note: String(record.note) };
}

/** The place in `tasks/delay/` that a key names, without its value. */
export function delayPlace({ segments, tasks }: Keys, key: string): { kind: string; id: string } {
  const [, kind = "", id = ""] = segments(key, tasks.allDelayed);
  return { kind, id };
}

const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
