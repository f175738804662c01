import { createHash } from "node:crypto";
import { invalidInput, isRigError, RigError } from "../../domain/errors.ts";
import { TASK_LIMITS, type Task, type TaskOrder, taskOf } from "../../domain/task.ts";
import type { Enqueued, TaskQueue } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { fromJson, toJson } from "../json-value.ts";
import { absent, type Compare, get, type KeyValue, type Operation, put, type Step, unchanged } from "../operation.ts";
import { queueBound } from "./queue-bound.ts";
import { type Course, readTask, writeCourse, writeReady, writeTask } from "./records.ts";

export interface TaskQueueOptions {
  readonly newId: () => string;
  /** How many tasks of one kind there may be; about, for others enqueue too. */
  readonly maxOpen?: number;
}

const OPEN = 100_000; // of 64 KiB at most: etcd's own space quota comes first for such
const ROUNDS = 4; // each is lost against another who writes the same dedupe mark

/** Orders, as they go into etcd: the task, its place in the index, and its dedupe mark, together or not at all. */
export function etcdTaskQueue(etcd: Etcd, { newId, maxOpen = OPEN }: TaskQueueOptions): TaskQueue {
  const bound = queueBound(etcd, maxOpen);

  async function enqueue(order: TaskOrder): Promise<Enqueued> {
    const now = etcd.clock.now();
    const task = taskOf(order, now, newId);
    const planned = plan(etcd, task, { dueAt: now + (order.delayMs ?? 0), now, token: newId(), order });
    await bound.check(task.kind);
    let mark: KeyValue | null = null; // one whose time is over: as good as none, but it must not have changed since
    for (let round = 1; round <= ROUNDS; round++) {
      const answer: Answer = await etcd.commit(enqueueTask(planned, mark));
      if (answer.is === "there") return { id: answer.id, created: false };
      if (answer.is === "enqueued") {
        bound.added(task.kind);
        return { id: task.id, created: true };
      }
      mark = answer.mark;
    }
    throw new RigError("CONFLICT", `etcd: the dedupe mark of a task of kind ${task.kind} changed ${ROUNDS} times`);
  }

  return {
    enqueue: (order) =>
      enqueue(order).catch((error: unknown) => {
        if (!isRigError(error, "OVERLOADED")) throw error;
        throw new RigError("OVERLOADED", error.message, {
          cause: error,
          hint: "Nothing was enqueued: try again later.",
        });
      }),
  };
}

/** All that an order writes. */
export interface PlannedTask {
  readonly task: Task;
  readonly token: string;
  readonly keys: {
    readonly task: string;
    readonly result: string;
    readonly index: string;
    readonly dedupe: string | null;
  };
  readonly values: { readonly task: Buffer; readonly index: Buffer; readonly dedupe: Buffer | null };
  readonly now: number;
}

interface PlanOptions {
  readonly dueAt: number;
  readonly now: number;
  readonly token: string;
  readonly order: Pick<TaskOrder, "dedupeMs">;
}

/** @throws RigError PAYLOAD_TOO_LARGE, INVALID_INPUT for what JSON cannot say */
export function plan({ keys: { tasks } }: Pick<Etcd, "keys">, task: Task, options: PlanOptions): PlannedTask {
  const { dueAt, now, token, order } = options;
  const { id, kind, priority, policy, limitKey, dedupeKey } = task;
  checkPayload(task);
  const isDue = dueAt <= now;
  const value = writeTask({ task, token, dueAt: isDue ? null : dueAt });
  const course: Course = {
    ...{ token, attempt: 0, maxAttempts: policy.maxAttempts, priority, limitKey, reason: null },
    taskBytes: value.length,
  };
  const mark = dedupeKey === null ? null : { id, token, until: now + (order.dedupeMs ?? policy.retainMs) };
  return {
    task,
    token,
    now,
    keys: {
      task: tasks.task(kind, id),
      result: tasks.result(id),
      index: isDue ? tasks.ready(kind, priority, id) : tasks.delay(dueAt, kind, id),
      dedupe: dedupeKey === null ? null : tasks.dedupe(kind, hashOf(dedupeKey)),
    },
    values: {
      task: value,
      index: isDue ? writeReady({ ...course, claimed: false }) : writeCourse(course),
      dedupe: mark && toJson(mark),
    },
  };
}

function checkPayload({ payload, kind }: Task): void {
  const text = jsonOf(payload);
  if (text === null) throw invalidInput("payload", `must be something that JSON can say, got ${typeof payload}`);
  const bytes = Buffer.byteLength(text);
  if (bytes > TASK_LIMITS.payloadBytes)
    throw new RigError(
      "PAYLOAD_TOO_LARGE",
      `payload of a task of kind ${kind} must be at most ${TASK_LIMITS.payloadBytes} bytes, got ${bytes}`,
    );
}

function jsonOf(payload: unknown): string | null {
  try {
    return JSON.stringify(payload) ?? null;
  } catch {
    return null; // a bigint, or a circle
  }
}

/** What a first look answers: it is in, one is there already, or an old dedupe mark stands in the way. */
type Answer = { is: "enqueued" } | { is: "there"; id: string } | { is: "marked"; mark: KeyValue };

/** What an order puts, where neither its task nor its result is there; for a transaction of one's own. */
export const enqueueSteps = ({ keys, values }: PlannedTask): { when: Compare[]; apply: Step[] } => ({
  when: [absent(keys.task), absent(keys.result)],
  apply: [put(keys.task, values.task), put(keys.index, values.index)],
});

function enqueueTask(planned: PlannedTask, mark: KeyValue | null): Operation<Answer> {
  const { keys, values, task, token, now } = planned;
  const { when, apply } = enqueueSteps(planned);
  const there: Answer = { is: "there", id: task.id };
  if (keys.dedupe && values.dedupe) {
    when.push(mark ? unchanged(mark) : absent(keys.dedupe));
    apply.push(put(keys.dedupe, values.dedupe));
  }
  return {
    what: "enqueue a task",
    lane: "tasks",
    when,
    apply,
    otherwise: keys.dedupe ? [get(keys.dedupe)] : [],
    answer: ({ succeeded, found }) => {
      if (succeeded) return { is: "enqueued" };
      const entry = found[0] ?? null;
      const record = entry && fromJson(entry.value);
      if (!entry) return there;
      if (typeof record?.id === "string" && Number(record.until) > now) return { is: "there", id: record.id };
      return entry.modRevision === mark?.modRevision ? there : { is: "marked", mark: entry };
    },
    settle: async (read) => {
      const entry = await read(keys.task);
      const mine = entry !== null && readTask(entry.value)?.token === token;
      return mine ? { was: "applied", value: { is: "enqueued" } } : { was: "not applied" }; // sent again: the compares tell
    },
  };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
