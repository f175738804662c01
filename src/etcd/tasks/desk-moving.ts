import { TASK_LIMITS } from "../../domain/task.ts";
import type { Etcd } from "../client.ts";
import { fromJson, toJson } from "../json-value.ts";
import { absent, get, type KeyValue, type Operation, put, remove, type Step, unchanged } from "../operation.ts";
import type { OpenTask } from "./desk-finding.ts";
import { type Course, readCourse, readDead, writeReady } from "./records.ts";
import { deadName, delayedName } from "./task-status.ts";

/** What operators do to one task: each compares where it was found. False where it has moved on since. */

type Keys = Pick<Etcd, "keys">;

interface Move {
  readonly what: string;
  readonly when: Operation<boolean>["when"];
  readonly apply: readonly Step[];
  /** The key that then holds the token; null where nothing is put. */
  readonly proofKey: string | null;
  /** What is removed: there as long as nothing was applied. */
  readonly from: KeyValue;
  readonly token: string;
}

const PROOF_BYTES = 2 * TASK_LIMITS.resultBytes;

const holds = (entry: KeyValue | null | undefined, token: string): boolean =>
  entry?.value.includes(`"${token}"`) ?? false;

function move({ what, when, apply, proofKey, from, token }: Move): Operation<boolean> {
  return {
    what,
    lane: "tasks",
    when,
    apply,
    otherwise: proofKey === null ? [] : [get(proofKey, PROOF_BYTES)],
    answer: ({ succeeded, found }) => succeeded || holds(found[0], token),
    settle: async (read) => {
      if (proofKey !== null && holds(await read(proofKey), token)) return { was: "applied", value: true };
      const there = await read(from.key);
      if (proofKey === null && there === null) return { was: "applied", value: true };
      return there?.modRevision === from.modRevision ? { was: "not applied" } : { was: "applied", value: false };
    },
  };
}

/** Makes a delayed or dead task ready; a dead one begins its tries again. Null where its record is unreadable. */
export function makeReadyNow({ keys }: Keys, entry: KeyValue, token: string): Operation<boolean> | null {
  const { tasks } = keys;
  const isDead = entry.key.startsWith(tasks.allDead);
  const course: Course | null = isDead ? (readDead(entry.value)?.course ?? null) : readCourse(entry.value);
  const name = isDead ? deadName(keys, entry.key) : delayedName(keys, entry.key);
  if (!course || !name) return null;
  const readyKey = tasks.ready(name.kind, course.priority, name.id);
  const attempt = isDead ? 0 : course.attempt;
  return move({
    what: "make a task ready",
    when: [unchanged(entry), absent(readyKey)],
    apply: [
      ...[entry.key, tasks.cancel(name.id)].map(remove), // a word of before must not end it
      put(readyKey, writeReady({ ...course, attempt, token, claimed: false })),
    ],
    proofKey: readyKey,
    from: entry,
    token,
  });
}

interface Cancelling {
  readonly by: string;
  readonly at: number;
  readonly token: string;
}

/** Takes a task that nobody runs off the queue, with a result as long as its policy keeps one. */
export function removeTask(
  { keys: { tasks } }: Keys,
  open: OpenTask,
  { by, at, token }: Cancelling,
): Operation<boolean> {
  const { task, taskKey, index } = open;
  const resultKey = tasks.result(task.id);
  const { retainMs } = task.policy;
  const course = readCourse(index.value);
  const result = {
    ...{ token, kind: task.kind, state: "cancelled", attempt: course?.attempt ?? 0 },
    ...{ endedAt: at, until: at + retainMs, reason: `cancelled by ${by}` },
  };
  return move({
    what: "cancel a task",
    when: [absent(tasks.claim(task.id)), unchanged(index)],
    apply: [
      ...[index.key, taskKey, tasks.cancel(task.id)].map(remove),
      ...(retainMs > 0 ? [put(resultKey, toJson(result))] : []),
    ],
    proofKey: retainMs > 0 ? resultKey : null,
    from: index,
    token,
  });
}

/** Asks the worker of a running task to abort it, anew where somebody asked before: `asked` is that word, if any. */
export function askToCancel(
  { keys: { tasks } }: Keys,
  { claim, taskId, asked }: { claim: KeyValue; taskId: string; asked: KeyValue | null },
  { by, at, token }: Cancelling,
): Operation<boolean> {
  const key = tasks.cancel(taskId);
  return {
    what: "ask for a task to be cancelled",
    lane: "tasks",
    when: [unchanged(claim), asked ? unchanged(asked) : absent(key)],
    apply: [put(key, toJson({ by, at, token, kind: fromJson(claim.value)?.kind ?? "" }))],
    otherwise: [get(key)],
    answer: ({ succeeded, found }) => succeeded || holds(found[0], token),
    settle: async (read) => (holds(await read(key), token) ? { was: "applied", value: true } : { was: "not applied" }),
  };
}
