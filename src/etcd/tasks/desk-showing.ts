import type { TaskDetail, TaskStatus } from "../../domain/task-status.ts";
import type { Etcd } from "../client.ts";
import { fromJson } from "../json-value.ts";
import { findTask, type OpenTask } from "./desk-finding.ts";
import { deadStatus, delayedStatus, endedStatus, progressOf, readyStatus, runningStatus } from "./task-status.ts";

const UNKNOWN = {
  ...{ payload: null, policy: null, dedupeKey: null, limitKey: null, enqueuedAt: null },
  ...{ result: null, cancelAskedBy: null },
} as const;

/** One task in full. @throws RigError TASK_NOT_FOUND */
export async function showTask(
  etcd: Pick<Etcd, "keys" | "get" | "page" | "clock">,
  taskId: string,
): Promise<TaskDetail> {
  const { keys } = etcd;
  const found = await findTask(etcd, taskId);
  if (found.state === "over") {
    const { result } = found;
    const status = endedStatus(keys, result) ?? unreadable(taskId);
    return { ...UNKNOWN, ...status, result: fromJson(result.value)?.result ?? null };
  }
  const [note, cancel] = await Promise.all([
    etcd.get(keys.tasks.progress(taskId)),
    etcd.get(keys.tasks.cancel(taskId)),
  ]);
  const { payload, policy, dedupeKey, limitKey, enqueuedAt } = found.task;
  return {
    ...{ ...UNKNOWN, payload, policy, dedupeKey, limitKey, enqueuedAt },
    ...openStatus(keys, found),
    progress: note && progressOf(note.value),
    cancelAskedBy: cancel && String(fromJson(cancel.value)?.by ?? "somebody"),
  };
}

function openStatus(keys: Etcd["keys"], { state, index, claim, task }: OpenTask): TaskStatus {
  const read = {
    ready: () => readyStatus(keys, index)?.status,
    running: () => runningStatus(keys, claim ?? index),
    delayed: () => delayedStatus(keys, index),
    dead: () => deadStatus(keys, index),
  };
  return read[state]() ?? { ...unreadable(task.id), kind: task.kind, state };
}

/** Stands for a record that another hand has broken. */
const unreadable = (id: string): TaskStatus => ({
  ...{ id, kind: "", state: "done", priority: null, attempt: 0, maxAttempts: null },
  ...{
    dueAt: null,
    startedAt: null,
    endedAt: null,
    workerId: null,
    progress: null,
    reason: "its record is unreadable",
  },
});
