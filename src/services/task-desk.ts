import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { TaskOrder } from "../domain/task.ts";
import type { RefusedOrder } from "../domain/task-status.ts";
import { enterAudit } from "./enter-audit.ts";
import type { Enqueued, TaskBoard, TaskMoves, TaskQueue } from "./tasks.ts";

/** Which refused orders to list; `kind` null for all. */
export interface RefusedChoice {
  readonly kind: string | null;
  readonly limit: number;
}

/** Orders that were committed with their rows and can never be tasks as they stand. */
export interface RefusedOrders {
  /** Those that were refused first, first. @throws RigError DATABASE_UNREACHABLE */
  list(choice: RefusedChoice): Promise<RefusedOrder[]>;
  /** Lets one (null: all) be sent once more; answers how many. Safe to repeat. @throws RigError DATABASE_UNREACHABLE */
  sendAgain(id: string | null): Promise<number>;
}

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
  /** @see RefusedOrders.list */
  refused(choice: RefusedChoice): Promise<RefusedOrder[]>;
  /** @see RefusedOrders.sendAgain @throws RigError TASK_NOT_FOUND where no such order was refused */
  resend(id: string | null, actor: Actor): Promise<number>;
}

export interface TaskDeskPorts {
  readonly board: TaskBoard;
  readonly moves: TaskMoves;
  readonly queue: TaskQueue;
  readonly refused: RefusedOrders;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly clock: Pick<Clock, "now">;
}

const ALL = "*";

/**
 * The use cases on tasks over their ports. The change comes first and its entry after it: tasks are steered just when
 * something is broken, be it PostgreSQL. What could not be entered fails, and says that it was done.
 */
export function taskDesk({ board, moves, queue, refused, audit, clock }: TaskDeskPorts): TaskDesk {
  const enter = enterAudit({ audit, clock });
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
      if (count > 0) await enter(actor, "task.redrive", kind ?? ALL, { count });
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
    refused: (choice) => refused.list(choice),
    async resend(id, actor) {
      const count = await refused.sendAgain(id);
      if (count === 0 && id !== null) throw notRefused(id);
      if (count > 0) await enter(actor, "task.resend", id ?? ALL, { count });
      return count;
    },
  };
}

const notRefused = (id: string): RigError =>
  new RigError("TASK_NOT_FOUND", `no order ${JSON.stringify(id)} was refused`, {
    hint: "`rig tasks refused` lists those that were.",
  });
