import type { Clock } from "../domain/clock.ts";

/** One that waits no longer than until an instant of the monotonic clock. */
export interface Waiting {
  readonly endsAt: number;
  onLate(): void;
}

const TICK_MS = 50; // how late a deadline may be noticed

/** Many deadlines on one timer: a timer and an abort signal for each call cost a fifth of a call to etcd (Node 20). */
export class Deadlines {
  readonly #clock: Pick<Clock, "monotonic" | "sleep">;
  readonly #waiting = new Set<Waiting>();
  readonly #closed = new AbortController();
  #ticking: Promise<void> | null = null;

  constructor(clock: Pick<Clock, "monotonic" | "sleep">) {
    this.#clock = clock;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Calls `onLate` once, `ms` from now, unless what this answers is called before. */
  set(ms: number, onLate: () => void): () => void {
    const waiting = { endsAt: this.#clock.monotonic() + ms, onLate };
    this.add(waiting);
    return () => this.clear(waiting);
  }

  /** Calls its `onLate` once, when its time is over, unless it is cleared before. */
  add(waiting: Waiting): void {
    this.#waiting.add(waiting);
    this.#ticking ??= this.#tick();
  }

  /** Safe to repeat. */
  clear(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  /** Calls nobody any more; resolves when its timer has ended. */
  async close(): Promise<void> {
    this.#waiting.clear();
    this.#closed.abort();
    await this.#ticking;
  }

  /** Tells all who wait now that it is over. */
  endAll(): void {
    this.#endThoseDue(Number.POSITIVE_INFINITY);
  }

  async #tick(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#closed.signal.aborted) {
      await this.#clock.sleep(TICK_MS, this.#closed.signal);
      this.#endThoseDue(this.#clock.monotonic());
    }
    this.#ticking = null;
  }

  #endThoseDue(now: number): void {
    for (const waiting of this.#waiting) {
      if (now < waiting.endsAt) continue;
      this.#waiting.delete(waiting);
      waiting.onLate();
    }
  }
}
