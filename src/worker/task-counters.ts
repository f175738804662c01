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

/** What a worker has done since it started; for its metrics. */
export class TaskCounters {
  readonly #outcomes = new Map<Outcome, number>();
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

  count(outcome: Outcome): void {
    this.#outcomes.set(outcome, this.of(outcome) + 1);
  }

  of(outcome: Outcome): number {
    return this.#outcomes.get(outcome) ?? 0;
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
