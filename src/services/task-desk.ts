import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import { isRigError, RigError } from "../domain/errors.ts";
import type { TaskOrder } from "../domain/task.ts";
import type { Enqueued, TaskBoard, TaskMoves, TaskQueue } from "./tasks.ts";

/** What operators see of tasks and do to them; each change leaves an audit entry. */
export interface TaskDesk extends TaskBoard {
  /** @see TaskQueue.enqueue */
  enqueue(order: TaskOrder, actor: Actor): Promise<Enqueued>;
  /** @see TaskMoves.cancel */
  cancel(taskId: string, actor: Actor): Promise<"cancelled" | "asked">;
  /** @see TaskMoves.retry */
  retry(taskId: string, actor: Actor): Promise<void>;
  /** @see TaskMoves.redrive */
  redrive(kind: string | null, actor: Actor): Promise<number>;
  /** @see TaskMoves.pause */
  pause(kind: string, actor: Actor): Promise<boolean>;
  resume(kind: string, actor: Actor): Promise<boolean>;
}

export interface TaskDeskPorts {
  readonly board: TaskBoard;
  readonly moves: TaskMoves;
  readonly queue: TaskQueue;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly clock: Pick<Clock, "now">;
}

const ALL_KINDS = "*";

/**
 * The use cases on tasks over their ports. The change comes first and its entry after it: tasks are steered just when
 * something is broken, be it PostgreSQL. What could not be entered fails, and says that it was done.
 */
export function taskDesk({ board, moves, queue, audit, clock }: TaskDeskPorts): TaskDesk {
  const enter = async (actor: Actor, action: string, subject: string, detail: AuditEntry["detail"] = {}) => {
    try {
      await audit({ at: clock.now(), actor, action, subject, detail });
    } catch (error) {
      if (!isRigError(error)) throw error;
      throw new RigError(error.code, `${action} of ${subject} is done, but not in the audit trail: ${error.message}`, {
        cause: error,
      });
    }
  };
  return {
    list: (choice) => board.list(choice),
    show: (taskId) => board.show(taskId),
    overview: () => board.overview(),
    async enqueue(order, actor) {
      const enqueued = await queue.enqueue(order);
      const { id, created } = enqueued;
      if (created) await enter(actor, "task.enqueue", id, { kind: order.kind });
      return enqueued;
    },
    async cancel(taskId, actor) {
      const how = await moves.cancel(taskId, actor.id);
      await enter(actor, "task.cancel", taskId, { how });
      return how;
    },
    async retry(taskId, actor) {
      await moves.retry(taskId);
      await enter(actor, "task.retry", taskId);
    },
    async redrive(kind, actor) {
      const count = await moves.redrive(kind);
      if (count > 0) await enter(actor, "task.redrive", kind ?? ALL_KINDS, { count });
      return count;
    },
    async pause(kind, actor) {
      const changed = await moves.pause(kind, actor.id);
      if (changed) await enter(actor, "task.pause", kind);
      return changed;
    },
    async resume(kind, actor) {
      const changed = await moves.resume(kind);
      if (changed) await enter(actor, "task.resume", kind);
      return changed;
    },
  };
}
