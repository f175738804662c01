import { TASK_LIMITS } from "../../domain/task.ts";
import type { ClaimedTask, TaskEnd } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { toJson } from "../json-value.ts";
import { type KeyValue, type Operation, put, remove, type Step } from "../operation.ts";
import type { HeldClaim, IndexedTask } from "./claim.ts";
import { type Course, writeCourse, writeDead, writeReady } from "./records.ts";

interface Ending {
  readonly end: TaskEnd;
  readonly token: string;
  /** What else there is to remove: nearly no task has either, and each delete costs as much as the claim's. */
  readonly also: { readonly progress: boolean; readonly cancel: boolean };
}

/**
 * What ends a claimed task: one transaction that holds only while the claim is ours. Applied means that the claim is
 * gone, and that our token stands in whatever it put.
 */
export function endTask(etcd: Etcd, claimed: ClaimedTask, ending: Ending): Operation<boolean> {
  const { end, token } = ending;
  const claim = claimed.claim as HeldClaim;
  const { claimKey, modRevision } = claim;
  const left = leftBehind(etcd, claimed, claim.indexed, ending);
  const written = left.find((step) => step.do === "put");
  return {
    what: `note that a task is ${end.how}`,
    lane: "tasks",
    when: [{ key: claimKey, modRevision }],
    apply: [...removals(etcd, claimed, ending), ...left],
    answer: ({ succeeded }) => succeeded,
    settle: async (read) => {
      if ((await read(claimKey))?.modRevision === modRevision) return { was: "not applied" };
      if (!written) return { was: "applied", value: (await read(claim.taskKey)) === null };
      return { was: "applied", value: holds(await read(written.key), token) };
    },
  };
}

const holds = (entry: KeyValue | null, token: string): boolean => entry?.value.includes(`"${token}"`) ?? false;

/** All of a claimed task that is not put anew. The index goes first: whoever follows it sees the end, not a gap. */
function removals({ keys: { tasks } }: Etcd, { task, claim }: ClaimedTask, { end, also }: Ending): Step[] {
  const { indexed, claimKey, placeKey } = claim as HeldClaim;
  const steps = end.how === "handed back" ? [] : [remove(indexed.key)];
  steps.push(remove(claimKey));
  if (placeKey !== null) steps.push(remove(placeKey));
  if (also.progress) steps.push(remove(tasks.progress(task.id)));
  const isOver = end.how !== "handed back" && end.how !== "failed"; // else the next worker heeds it
  if (also.cancel && isOver) steps.push(remove(tasks.cancel(task.id)));
  return steps;
}

/** A result that is too long, or that JSON cannot say, is not kept: the task is done all the same. */
function bounded(result: unknown): unknown {
  try {
    const text = JSON.stringify(result) ?? "";
    return Buffer.byteLength(text) > TASK_LIMITS.resultBytes ? { tooLong: true } : result;
  } catch {
    return { notJson: true }; // a bigint, or a circle
  }
}

function leftBehind(
  { keys: { tasks }, clock }: Etcd,
  { task, attempt }: ClaimedTask,
  indexed: IndexedTask,
  { end, token }: Ending,
): Step[] {
  const { id, kind, policy } = task;
  const { maxAttempts, priority, taskBytes, limitKey } = indexed;
  const now = clock.now();
  const course = (reason: string | null, tries: number): Course => {
    return { token, attempt: tries, maxAttempts, priority, taskBytes, limitKey, reason };
  };
  const over = (state: "done" | "cancelled", more: Readonly<Record<string, unknown>>): Step[] => {
    const result = { token, kind, state, attempt, endedAt: now, until: now + policy.retainMs, ...more };
    return [remove(tasks.task(kind, id)), ...(policy.retainMs > 0 ? [put(tasks.result(id), toJson(result))] : [])];
  };
  switch (end.how) {
    case "done":
      return over("done", { result: bounded(end.result) });
    case "cancelled":
      return over("cancelled", { reason: `cancelled by ${end.by}` });
    case "failed":
      return [put(tasks.delay(now + end.retryInMs, kind, id), writeCourse(course(end.reason, attempt)))];
    case "dead":
      return [put(tasks.dead(kind, id), writeDead(course(end.reason, attempt), now))];
    case "handed back":
      return [
        put(
          indexed.key,
          writeReady({ ...course(indexed.reason, end.isTryCounted ? attempt : attempt - 1), claimed: false }),
        ),
      ];
  }
}
