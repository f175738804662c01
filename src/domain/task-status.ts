import type { TaskPolicy, TaskState } from "./task.ts";

/** One task as a list shows it. What its state does not know is null. */
export interface TaskStatus {
  readonly id: string;
  readonly kind: string;
  readonly state: TaskState;
  /** Null once it is over. */
  readonly priority: number | null;
  /** Tries so far, the running one included. */
  readonly attempt: number;
  /** Null once it is over. */
  readonly maxAttempts: number | null;
  /** When it becomes ready; null unless delayed. */
  readonly dueAt: number | null;
  /** When this try began; null unless running. */
  readonly startedAt: number | null;
  /** When it died or was over; null before. */
  readonly endedAt: number | null;
  /** Who runs it; null unless running. */
  readonly workerId: string | null;
  readonly progress: { readonly percent: number; readonly note: string } | null;
  /** Why it failed last, died, or was cancelled. */
  readonly reason: string | null;
}

/** One task in full. Of one that is over only the result is left. */
export interface TaskDetail extends TaskStatus {
  readonly payload: unknown;
  readonly policy: TaskPolicy | null;
  readonly dedupeKey: string | null;
  readonly limitKey: string | null;
  readonly enqueuedAt: number | null;
  readonly result: unknown;
  /** Who asked its worker to abort it. */
  readonly cancelAskedBy: string | null;
}

/** An order out of a committed row that can never be a task as it stands; it is kept until somebody sends it again. */
export interface RefusedOrder {
  readonly id: string;
  readonly kind: string;
  readonly payloadBytes: number;
  readonly orderedAt: number;
  readonly refusedAt: number;
  readonly reason: string;
}

/** How much of a kind there is, and whether somebody stopped it. */
export interface KindStatus {
  readonly kind: string;
  readonly ready: number;
  readonly running: number;
  readonly delayed: number;
  readonly dead: number;
  readonly paused: { readonly by: string; readonly at: number } | null;
}

/** A running worker, as it announced itself. */
export interface WorkerStatus {
  readonly workerId: string;
  /** Null: all. */
  readonly kinds: readonly string[] | null;
  readonly concurrency: number;
  readonly startedAt: number;
}

/** How many tries ended well, and how many in a failure or a death. */
export interface TaskTally {
  readonly done: number;
  readonly failed: number;
}

/** What a worker has ended since it started, as it last told; it tells within 2 s where that changed. */
export interface WorkerTally {
  /** By the worker's clock, ms since the epoch. */
  readonly at: number;
  readonly kinds: Readonly<Record<string, TaskTally>>;
}

/** A running worker, and what it does. */
export interface BusyWorker extends WorkerStatus {
  readonly running: number;
  /** Null where it has told none. */
  readonly tally: WorkerTally | null;
}

/** All that happens now: every kind that has tasks, is paused or was worked on, what runs, who works. */
export interface TaskOverview {
  readonly kinds: readonly KindStatus[];
  readonly running: readonly TaskStatus[];
  readonly workers: readonly BusyWorker[];
}
