import type { TaskTally } from "../domain/task-status.ts";

/** What can become of a task that a worker reached for. */
type Outcome =
  | "done"
  | "failed"
  | "dead"
  | "cancelled"
  | "handed back"
  | "lost"
  | "not now"
  | "failed claim"
  | "claim lost";

const KINDS = 64; // that are told apart: who enqueues may invent kinds

/** What a worker has done since it started; for its metrics, and for operators. */
export class TaskCounters {
  readonly #outcomes = new Map<Outcome, number>();
  readonly #tallies = new Map<string, TaskTally>();
  #started = 0;
  #ended = 0;
  #waitedMs = 0;

  /** @param waitedMs from its order to its start */
  started(waitedMs: number): void {
    this.#started += 1;
    this.#waitedMs += Math.max(0, waitedMs);
  }

  ended(): void {
    this.#ended += 1;
  }

  count(outcome: Outcome, kind: string): void {
    this.#outcomes.set(outcome, this.of(outcome) + 1);
    const hasFailed = outcome === "failed" || outcome === "dead";
    if (!hasFailed && outcome !== "done") return;
    const known = this.#tallies.get(kind);
    if (!known && this.#tallies.size >= KINDS) return;
    const { done, failed } = known ?? { done: 0, failed: 0 };
    this.#tallies.set(kind, hasFailed ? { done, failed: failed + 1 } : { done: done + 1, failed });
  }

  of(outcome: Outcome): number {
    return this.#outcomes.get(outcome) ?? 0;
  }

  /** By kind, of 64 kinds at most. */
  tallies(): Readonly<Record<string, TaskTally>> {
    return Object.fromEntries(this.#tallies);
  }

  /** How many were started, how many of these run, how long they had waited in all, and each outcome's count. */
  read() {
    return {
      started: this.#started,
      running: this.#started - this.#ended,
      waitedSeconds: this.#waitedMs / 1_000,
      outcomes: Object.fromEntries(this.#outcomes) as Readonly<Record<string, number>>,
    };
  }
}
