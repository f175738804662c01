import type { Task, TaskOrder, TaskState } from "../domain/task.ts";
import type { TaskDetail, TaskOverview, TaskStatus } from "../domain/task-status.ts";

/** What became of an order. */
export interface Enqueued {
  readonly id: string;
  /** False where a task with this id, or one with its dedupe key, is there already: `id` is that one's. */
  readonly created: boolean;
}

/** Takes orders (`tasks/task`, `tasks/ready`, `tasks/delay`). */
export interface TaskQueue {
  /**
   * Accepted means kept until it is done, dead or cancelled. Safe to repeat with the same id.
   * @throws RigError INVALID_INPUT, PAYLOAD_TOO_LARGE, OVERLOADED (the kind's queue is full, or etcd's), ETCD_UNREACHABLE, ETCD_AMBIGUOUS
   */
  enqueue(order: TaskOrder): Promise<Enqueued>;
}

/** A task that waits for a worker, as the index shows it. */
export interface ReadyTask {
  readonly id: string;
  readonly kind: string;
  readonly priority: number;
  /** Tries so far. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly limitKey: string | null;
}

/** A task that this process may run now. */
export interface ClaimedTask {
  readonly task: Task;
  /** This try, 1 for the first. */
  readonly attempt: number;
  /** Opaque to everybody but the port that made it. */
  readonly claim: TaskClaim;
}

/** Proof of a claim; refused once the claim is another's. */
export interface TaskClaim {
  readonly token: string;
}

/** Why a task could not be claimed: another has it, it may not run for now (its kind is paused or at its limit), or its tries are used up. */
export type NotClaimed = "lost" | "not now" | "dead";

/** How a claimed task ended, as the worker wants it noted. */
export type TaskEnd =
  | { readonly how: "done"; readonly result: unknown }
  | { readonly how: "cancelled"; readonly by: string }
  | { readonly how: "failed"; readonly reason: string; readonly retryInMs: number }
  | { readonly how: "dead"; readonly reason: string }
  /** `isTryCounted`: not where its worker stops; a task that holds its worker up brings the doubt about its claim itself. */
  | { readonly how: "handed back"; readonly isTryCounted: boolean };

/** How many tasks may run at once on all workers together: of a kind, or of each limit key. */
export interface TaskLimit {
  readonly count: number;
  readonly per: "kind" | "key";
}

/** The worker's side of the queue. */
export interface TaskClaims {
  /**
   * Where nobody knows whether the claim is ours it asks on until that is known, or `signal` aborts.
   * @throws RigError LEASE_LOST, OVERLOADED, ETCD_UNREACHABLE, and once aborted ETCD_AMBIGUOUS
   */
  claim(ready: ReadyTask, limit: TaskLimit | null, signal: AbortSignal): Promise<ClaimedTask | NotClaimed>;
  /**
   * Ends a claimed task. False where the claim is this process's no more: nothing was noted then. Safe to repeat.
   * @param signal ends the wait with its reason
   * @throws RigError OVERLOADED, ETCD_UNREACHABLE, ETCD_AMBIGUOUS
   */
  end(claimed: ClaimedTask, end: TaskEnd, signal: AbortSignal): Promise<boolean>;
  /** Notes how far it is; false where the claim is lost. `percent`: 0 to 100. */
  progress(claimed: ClaimedTask, percent: number, note: string): Promise<boolean>;
}

/** What waits, kept up to date by events. */
export interface ReadyTasks {
  /** The next task to claim, of those that `isFree` lets through; null where there is none now. */
  take(isFree: (ready: ReadyTask) => boolean): ReadyTask | null;
  /** Offers a taken one again: it could not be claimed for now. */
  giveBack(ready: ReadyTask): void;
  /** Who asked for a task that runs here to be cancelled, be it while another worker had it; null where nobody did. */
  cancelledBy(claimed: ClaimedTask): string | null;
  /** True where a place of this limit seems free. */
  hasPlace(ready: ReadyTask, limit: TaskLimit): boolean;
  /** How many wait; not all of them need be free. */
  readonly size: number;
  /** Follows etcd until aborted; resolves when it has ended. Never rejects. */
  follow(calls: ReadyCalls, signal: AbortSignal): Promise<void>;
}

/** What a worker is told while it follows. None of these may throw. */
export interface ReadyCalls {
  /** There may be something to take. */
  onNews(): void;
  /** Somebody wants a task cancelled, be it ours or not. */
  onCancel(taskId: string): void;
}

/** What one worker at a time does for all (`leaders/platform`). */
export interface TaskDuties {
  /** Makes the next page of due tasks ready; answers how many of its keys it took away. */
  moveDue(): Promise<number>;
  /** Removes what is over, and what no lease will ever take; answers how many keys. */
  sweep(): Promise<number>;
  /** Orders the run of a schedule at `dueAt`, exactly once, where its mark is still `seen`; false where another did. */
  fire(name: string, seen: CronMark | null, mark: { at: number; order: TaskOrder | null }): Promise<boolean>;
  mark(name: string): Promise<CronMark | null>;
}

/** Up to which instant a schedule has been looked after. */
export interface CronMark {
  readonly at: number;
  readonly version: number;
}

/** Which tasks to list; `state` and `kind` null for all. */
export interface TaskChoice {
  readonly kind: string | null;
  readonly state: TaskState | null;
  readonly limit: number;
}

/** What operators see of tasks. */
export interface TaskBoard {
  /** Those that run first, then what is ready, delayed, dead, and over. */
  list(choice: TaskChoice): Promise<TaskStatus[]>;
  /** @throws RigError TASK_NOT_FOUND */
  show(taskId: string): Promise<TaskDetail>;
  overview(): Promise<TaskOverview>;
}

/** What operators do to tasks. */
export interface TaskMoves {
  /** Takes one that waits or is dead off the queue; asks the worker of one that runs to abort it. @throws RigError TASK_NOT_FOUND, CONFLICT */
  cancel(taskId: string, by: string): Promise<"cancelled" | "asked">;
  /** Makes a delayed or dead one ready now; a dead one gets all its tries again. @throws RigError TASK_NOT_FOUND, CONFLICT */
  retry(taskId: string): Promise<void>;
  /** All dead ones of a kind (null: of all), ready again with all their tries; answers how many. */
  redrive(kind: string | null): Promise<number>;
  /** Lets no more tasks of a kind begin. False where it was already so. */
  pause(kind: string, by: string): Promise<boolean>;
  resume(kind: string): Promise<boolean>;
}
