import type { TaskDetail, TaskStatus } from "../../src/domain/task-status.ts";
import type { View } from "../../src/runtime/cli/output.ts";

const isoOrNull = (at: number | null) => (at === null ? null : new Date(at).toISOString());

const REASON_CHARS = 60; // of up to 500; `rig tasks show` has it whole

const shortReason = (reason: string): string =>
  reason.length > REASON_CHARS ? `${reason.slice(0, REASON_CHARS - 1)}…` : reason;

const tryOf = ({ attempt, maxAttempts }: TaskStatus): string =>
  maxAttempts === null ? String(attempt) : `${attempt}/${maxAttempts}`;

/** `40% sending` */
export const progressText = (progress: TaskStatus["progress"]): string =>
  progress === null ? "-" : `${progress.percent}% ${progress.note}`.trim();

/** How tasks are printed; scripts rely on the JSON. */
export const taskView: View<TaskStatus> = {
  columns: [
    { head: "TASK", cell: ({ id }) => id },
    { head: "KIND", cell: ({ kind }) => kind },
    { head: "STATE", cell: ({ state }) => state },
    { head: "PRIORITY", cell: ({ priority }) => String(priority ?? "-"), align: "right" },
    { head: "TRY", cell: tryOf, align: "right" },
    { head: "SINCE / DUE", cell: ({ startedAt, dueAt, endedAt }) => isoOrNull(startedAt ?? dueAt ?? endedAt) ?? "-" },
    { head: "WORKER", cell: ({ workerId }) => workerId ?? "-" },
    { head: "PROGRESS", cell: ({ progress }) => progressText(progress) },
    { head: "REASON", cell: ({ reason }) => shortReason(reason ?? "-") },
  ],
  json: ({
    id,
    kind,
    state,
    priority,
    attempt,
    maxAttempts,
    dueAt,
    startedAt,
    endedAt,
    workerId,
    progress,
    reason,
  }) => ({
    ...{ id, kind, state, priority, attempt, maxAttempts },
    ...{ dueAt: isoOrNull(dueAt), startedAt: isoOrNull(startedAt), endedAt: isoOrNull(endedAt) },
    ...{ workerId, progress, reason },
  }),
  name: ({ id }) => id,
};

/** How one task is printed in full. */
export const taskDetailView: View<TaskDetail> = {
  columns: [
    ...["TASK", "KIND", "STATE", "PRIORITY", "TRY"].map((head) => taskColumn(head)),
    { head: "ENQUEUED", cell: ({ enqueuedAt }) => isoOrNull(enqueuedAt) ?? "-" },
    { head: "DUE", cell: ({ dueAt }) => isoOrNull(dueAt) ?? "-" },
    { head: "STARTED", cell: ({ startedAt }) => isoOrNull(startedAt) ?? "-" },
    { head: "ENDED", cell: ({ endedAt }) => isoOrNull(endedAt) ?? "-" },
    taskColumn("WORKER"),
    taskColumn("PROGRESS"),
    { head: "CANCEL ASKED BY", cell: ({ cancelAskedBy }) => cancelAskedBy ?? "-" },
    { head: "REASON", cell: ({ reason }) => reason ?? "-" },
    { head: "LIMIT KEY", cell: ({ limitKey }) => limitKey ?? "-" },
    { head: "DEDUPE KEY", cell: ({ dedupeKey }) => dedupeKey ?? "-" },
    { head: "PAYLOAD", cell: ({ payload }) => JSON.stringify(payload) },
    { head: "RESULT", cell: ({ result }) => JSON.stringify(result) },
  ],
  json: (task) => ({
    ...taskView.json(task),
    enqueuedAt: isoOrNull(task.enqueuedAt),
    cancelAskedBy: task.cancelAskedBy,
    ...{ limitKey: task.limitKey, dedupeKey: task.dedupeKey, policy: task.policy },
    ...{ payload: task.payload, result: task.result },
  }),
  name: ({ id }) => id,
};

function taskColumn(head: string) {
  const column = taskView.columns.find((each) => each.head === head);
  return { head, cell: (task: TaskDetail) => column?.cell(task) ?? "" };
}
