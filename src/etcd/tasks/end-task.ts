import { TASK_LIMITS } from "../../domain/task.ts";
import type { ClaimedTask, TaskEnd } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { toJson } from "../json-value.ts";
import { type KeyValue, type Operation, put, remove, type Step } from "../operation.ts";
import type { HeldClaim, IndexedTask } from "./claim.ts";
import { type Course, writeCourse, writeDead, writeReady } from "./records.ts";

/**
 * What ends a claimed task: one transaction that holds only while the claim is ours. Applied means that the claim is
 * gone, and that our token stands in whatever it put.
 */
export function endTask(etcd: Etcd, claimed: ClaimedTask, end: TaskEnd, token: string): Operation<boolean> {
  const claim = claimed.claim as HeldClaim;
  const { claimKey, modRevision } = claim;
  const left = leftBehind(etcd, claimed, claim.indexed, { end, token });
  const written = left.find((step) => step.do === "put");
  return {
    what: `note that a task is ${end.how}`,
    lane: "tasks",
    when: [{ key: claimKey, modRevision }],
    apply: [...removals(etcd, claim, claimed.task.id, left), ...left],
    answer: ({ succeeded }) => succeeded,
    settle: async (read) => {
      if ((await read(claimKey))?.modRevision === modRevision) return { was: "not applied" };
      if (!written) return { was: "applied", value: (await read(claim.taskKey)) === null };
      return { was: "applied", value: holds(await read(written.key), token) };
    },
  };
}

const holds = (entry: KeyValue | null, token: string): boolean => entry?.value.includes(`"${token}"`) ?? false;

/** The claim with its place and progress, and what is not put anew. The index goes first: whoever follows it sees the end, not a gap. */
function removals({ keys: { tasks } }: Etcd, claim: HeldClaim, taskId: string, left: readonly Step[]): Step[] {
  const gone = [claim.indexed.key, claim.claimKey, tasks.progress(taskId), tasks.cancel(taskId)];
  if (claim.placeKey !== null) gone.push(claim.placeKey);
  const again = new Set(left.map((step) => step.key));
  return gone.filter((key) => !again.has(key)).map(remove);
}

/** A result too long to keep is not kept: the task is done all the same. */
const bounded = (result: unknown): unknown =>
  JSON.stringify(result ?? null).length > TASK_LIMITS.resultBytes ? { tooLong: true } : result;

function leftBehind(
  { keys: { tasks }, clock }: Etcd,
  { task, attempt }: ClaimedTask,
  indexed: IndexedTask,
  { end, token }: { end: TaskEnd; token: string },
): Step[] {
  const { id, kind, priority, policy } = task;
  const { maxAttempts, taskBytes, limitKey } = indexed;
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
      return [put(indexed.key, writeReady({ ...course(indexed.reason, attempt - 1), claimed: false }))];
  }
}
