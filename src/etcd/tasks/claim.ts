import { ERRORS, isRigError } from "../../domain/errors.ts";
import type { ClaimedTask, NotClaimed, ReadyTask, TaskClaim } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { fromJson, toJson } from "../json-value.ts";
import { commitLeased, type LeasedOperation } from "../leased.ts";
import { absent, get, type KeyValue, put, type Step } from "../operation.ts";
import type { ProcessLease } from "../process-lease.ts";
import { type ReadyRecord, readTask, writeReady } from "./records.ts";

const ASK_AGAIN_MS = 500; // an etcd that elects a leader takes a second or two

/** A ready task as it stood in the index when it was picked. */
export interface IndexedTask extends ReadyTask {
  readonly key: string;
  readonly modRevision: number;
  readonly taskBytes: number;
  readonly reason: string | null;
}

/** A claim, with all that its end must remove. */
export interface HeldClaim extends TaskClaim {
  readonly claimKey: string;
  /** Of the claim's key: it is ours as long as this stands. */
  readonly modRevision: number;
  readonly indexed: IndexedTask;
  readonly taskKey: string;
  /** Of the task's creation: what was said of an earlier one of its name does not concern it. */
  readonly taskRevision: number;
  readonly placeKey: string | null;
}

/** Which task to claim, and the place of its kind's limit; null where there is none. */
interface WantedClaim {
  readonly indexed: IndexedTask;
  readonly placeKey: string | null;
}

/**
 * Claims a task: puts the claim on our lease and counts the try in the index, in one transaction. So a task that kills
 * its workers runs out of tries too. Where nobody knows whether the claim is ours it asks on until `signal` aborts.
 */
export async function claimTask(
  etcd: Etcd,
  lease: ProcessLease,
  { indexed, placeKey }: WantedClaim,
  signal: AbortSignal,
): Promise<ClaimedTask | NotClaimed> {
  const { tasks } = etcd.keys;
  const attempt: Attempt = {
    indexed,
    placeKey,
    token: lease.token(),
    workerId: lease.processId,
    claimKey: tasks.claim(indexed.id),
    taskKey: tasks.task(indexed.kind, indexed.id),
    pausedKey: tasks.paused(indexed.kind),
    startedAt: etcd.clock.now(),
  };
  const answer = await untilKnown(etcd, () => commitLeased(etcd, lease, putClaim(attempt)), signal);
  if (answer === "lost" || answer === "not now") return answer;
  const entry = answer.task ?? (await untilKnown(etcd, () => etcd.get(attempt.taskKey), signal, true));
  const task = (entry && readTask(entry.value)?.task) ?? null;
  const isRight = task?.id === indexed.id && task.kind === indexed.kind;
  const { token, claimKey, taskKey } = attempt;
  const [modRevision, taskRevision] = [answer.revision, entry?.createRevision ?? 0];
  const claim: HeldClaim = { token, claimKey, modRevision, indexed, taskKey, taskRevision, placeKey };
  return { task: isRight ? task : unreadable(indexed), attempt: indexed.attempt + 1, claim };
}

/** A claim that may be ours must be known: nobody else could have its task as long as this process lives. */
async function untilKnown<T>(
  { clock }: Etcd,
  ask: () => Promise<T>,
  signal: AbortSignal,
  isDoubtful = false,
): Promise<T> {
  for (let doubted = isDoubtful; ; ) {
    try {
      return await ask();
    } catch (error) {
      doubted ||= isRigError(error, "ETCD_AMBIGUOUS");
      if (!doubted || signal.aborted || !isRigError(error) || !ERRORS[error.code].retryable) throw error;
      await clock.sleep(ASK_AGAIN_MS, signal);
    }
  }
}

interface Attempt {
  readonly indexed: IndexedTask;
  readonly placeKey: string | null;
  readonly token: string;
  readonly workerId: string;
  readonly claimKey: string;
  readonly taskKey: string;
  readonly pausedKey: string;
  readonly startedAt: number;
}

type Answer = { readonly revision: number; readonly task: KeyValue | null } | "lost" | "not now";

const putClaim =
  ({ indexed, placeKey, token, workerId, claimKey, taskKey, pausedKey, startedAt }: Attempt) =>
  (leaseId: string): LeasedOperation<Answer> => {
    const { attempt, maxAttempts, priority, taskBytes, limitKey, reason } = indexed;
    const tries = attempt + 1;
    // No spread: it takes longer than all the rest of this.
    const ready: ReadyRecord = {
      token,
      attempt: tries,
      maxAttempts,
      priority,
      taskBytes,
      limitKey,
      reason,
      claimed: true,
    };
    const claim = toJson({ token, workerId, kind: indexed.kind, attempt: tries, maxAttempts, priority, startedAt });
    const when = [absent(claimKey), { key: indexed.key, modRevision: indexed.modRevision }, absent(pausedKey)];
    const apply: Step[] = [put(claimKey, claim, leaseId), put(indexed.key, writeReady(ready))];
    if (placeKey !== null) {
      when.push(absent(placeKey));
      apply.push(put(placeKey, toJson({ token }), leaseId));
    }
    const mine = (entry: KeyValue | null): entry is KeyValue =>
      entry !== null && fromJson(entry.value)?.token === token;
    return {
      what: "claim a task",
      lane: "tasks",
      when,
      apply: [...apply, get(taskKey, taskBytes)],
      otherwise: [get(claimKey)],
      answer: ({ succeeded, revision, found }) => {
        const [first = null] = found;
        if (succeeded) return { revision, task: first };
        if (mine(first)) return { revision: first.modRevision, task: null }; // an answer that went astray
        return first ? "lost" : "not now";
      },
      settle: async (read) => {
        const entry = await read(claimKey);
        if (!mine(entry)) return { was: "not applied" }; // sent again: it wins, or its other branch reads who did
        return { was: "applied", value: { revision: entry.modRevision, task: null } };
      },
    };
  };

/** Stands for a task whose value another hand has broken: it can only be buried. */
const unreadable = ({ id, kind, priority, maxAttempts, limitKey }: IndexedTask) => ({
  ...{ id, kind, priority, limitKey },
  payload: undefined,
  policy: { maxAttempts, backoff: { floorMs: 0, ceilingMs: 0 }, retainMs: 0 },
  dedupeKey: null,
  enqueuedAt: 0,
});
