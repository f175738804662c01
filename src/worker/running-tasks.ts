import type { TaskHandler } from "../services/run-task.ts";
import type { TaskStop, TaskSwitch } from "../services/task-stop.ts";
import type { ClaimedTask } from "../services/tasks.ts";

/** One task that runs here. */
export interface RunningTask {
  readonly claimed: ClaimedTask;
  readonly handler: TaskHandler | undefined;
  readonly startedAt: number;
  readonly stop: TaskSwitch;
}

/** What runs here, by task and by kind. */
export class RunningTasks {
  readonly #running = new Map<string, RunningTask>();
  readonly #ofKind = new Map<string, number>();
  readonly #work = new Set<Promise<void>>();

  /** Tasks that run or are being claimed, or whose end is being noted. */
  get size(): number {
    return this.#work.size;
  }

  countOf(kind: string): number {
    return this.#ofKind.get(kind) ?? 0;
  }

  /** Counts one piece of work of a kind from its claim to its noted end. `work` never rejects. */
  track(kind: string, work: () => Promise<void>): void {
    this.#ofKind.set(kind, this.countOf(kind) + 1);
    const working = work().finally(() => {
      this.#work.delete(working);
      this.#ofKind.set(kind, this.countOf(kind) - 1);
    });
    this.#work.add(working);
  }

  start(task: RunningTask): void {
    this.#running.set(task.claimed.task.id, task);
  }

  end(task: RunningTask): void {
    if (this.#running.get(task.claimed.task.id) === task) this.#running.delete(task.claimed.task.id);
  }

  find(taskId: string): RunningTask | undefined {
    return this.#running.get(taskId);
  }

  abortAll(stop: TaskStop): void {
    for (const task of this.#running.values()) task.stop.abort(stop);
  }

  [Symbol.iterator](): IterableIterator<RunningTask> {
    return this.#running.values();
  }

  /** Resolves when all work has ended. */
  async ended(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }
}
