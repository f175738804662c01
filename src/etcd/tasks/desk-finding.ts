import { RigError } from "../../domain/errors.ts";
import { checkTaskId, type Task } from "../../domain/task.ts";
import type { Etcd } from "../client.ts";
import type { KeyValue } from "../operation.ts";
import { kindsOf } from "./desk-kinds.ts";
import { pagesOf } from "./pages.ts";
import { readTask } from "./records.ts";
import { delayedName } from "./task-status.ts";

/** A task that is not over, with the key that says where it is. */
export interface OpenTask {
  readonly state: "ready" | "running" | "delayed" | "dead";
  readonly task: Task;
  readonly taskKey: string;
  /** Its key in `tasks/ready/`, `tasks/delay/` or `tasks/dead/`. */
  readonly index: KeyValue;
  /** There while it runs. */
  readonly claim: KeyValue | null;
}

/** One that is over, of which the result is kept. */
export interface EndedTask {
  readonly state: "over";
  readonly result: KeyValue;
}

type Reads = Pick<Etcd, "keys" | "get" | "page" | "clock">;

const ROUNDS = 5; // a task that moves while it is looked for is found the next time
const KEYS_PAGE = 5_000; // without values
const CLOCKS_APART_MS = 60_000; // of the worker that noted a failure, and ours

/** Finds a task by its id alone. @throws RigError TASK_NOT_FOUND, INVALID_INPUT, CONFLICT where it moves all the time */
export async function findTask(etcd: Reads, taskId: string): Promise<OpenTask | EndedTask> {
  checkTaskId(taskId);
  const { tasks } = etcd.keys;
  for (let round = 1; round <= ROUNDS; round++) {
    const ordered = await findOrdered(etcd, taskId);
    if (ordered) {
      const open = await findPlace(etcd, ordered, round === ROUNDS);
      if (open) return open;
      continue;
    }
    const result = await etcd.get(tasks.result(taskId));
    if (result) return { state: "over", result };
    throw new RigError("TASK_NOT_FOUND", `no task ${JSON.stringify(taskId)}`);
  }
  throw new RigError("CONFLICT", `task ${taskId} is moving: try again`);
}

interface OrderedTask {
  readonly task: Task;
  readonly taskKey: string;
  /** When it was first due; null for at once. */
  readonly dueAt: number | null;
}

/** Of the first kind that has this id. */
async function findOrdered(etcd: Reads, taskId: string): Promise<OrderedTask | null> {
  const kinds = await kindsOf(etcd);
  const entries = await Promise.all(kinds.map((kind) => etcd.get(etcd.keys.tasks.task(kind, taskId))));
  for (const entry of entries) {
    const read = entry && readTask(entry.value);
    if (entry && read) return { task: read.task, taskKey: entry.key, dueAt: read.dueAt };
  }
  return null;
}

async function findPlace(etcd: Reads, ordered: OrderedTask, isLast: boolean): Promise<OpenTask | null> {
  const { task, taskKey } = ordered;
  const { tasks } = etcd.keys;
  const { id, kind, priority } = task;
  const [ready, claim, dead] = await Promise.all(
    [tasks.ready(kind, priority, id), tasks.claim(id), tasks.dead(kind, id)].map((key) => etcd.get(key)),
  );
  const found = { task, taskKey, claim: claim ?? null };
  if (ready) return { ...found, state: claim ? "running" : "ready", index: ready };
  if (dead) return { ...found, state: "dead", index: dead };
  const delayed = await findDelayed(etcd, ordered, isLast);
  return delayed && { ...found, state: "delayed", index: delayed };
}

/**
 * Its key begins with the instant when it is due. The task says when that was at first; one that failed since is due before
 * its longest wait is over, so no later keys are looked through, but in the last round: another's clock may be far ahead.
 */
async function findDelayed({ clock, ...etcd }: Reads, ordered: OrderedTask, isLast: boolean): Promise<KeyValue | null> {
  const { task, dueAt } = ordered;
  const { keys, get, page } = etcd;
  const first = dueAt === null ? null : await get(keys.tasks.delay(dueAt, task.kind, task.id));
  if (first) return first;
  const latest = keys.tasks.delayedUntil(clock.now() + task.policy.backoff.ceilingMs + CLOCKS_APART_MS);
  const range = { keysOnly: true, limit: KEYS_PAGE, ...(!isLast && { before: latest }) };
  for await (const entries of pagesOf({ page }, keys.tasks.allDelayed, range))
    for (const { key } of entries) {
      const name = delayedName(keys, key);
      if (name?.id === task.id && name.kind === task.kind) return get(key);
    }
  return null;
}
