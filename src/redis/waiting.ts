import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";

interface Waiting {
  readonly endsAt: number;
  readonly onLate: () => void;
}

const PATIENCE_MS = 1_800; // every caller hears within 2 s
const MOST_WAITING = 16_384;
const TICK_MS = 50; // how late a deadline may be noticed

/** Those who wait for an answer, the longest first: one timer for all, as each waits for the same time. */
export class WaitingCalls {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  readonly #closed = new AbortController();
  #ticking: Promise<void> | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Aborts when no one may wait any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Calls `onLate` once the time is over, or at `close`, unless what this answers is called before.
   * @throws RigError OVERLOADED, REDIS_UNREACHABLE once closed
   */
  add(onLate: () => void): () => void {
    if (this.#closed.signal.aborted) throw new RigError("REDIS_UNREACHABLE", "redis: the client is closed");
    if (this.#waiting.size >= MOST_WAITING)
      throw new RigError("OVERLOADED", `redis: ${MOST_WAITING} requests wait for an answer already`);
    const waiting = { endsAt: this.#clock.monotonic() + PATIENCE_MS, onLate };
    this.#waiting.add(waiting);
    this.#ticking ??= this.#tick();
    return () => this.#waiting.delete(waiting);
  }

  /** Tells all that it is over; resolves when its timer has ended. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#endThoseDue(Number.POSITIVE_INFINITY);
    await this.#ticking;
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
      if (waiting.endsAt > now) return;
      this.#waiting.delete(waiting);
      waiting.onLate();
    }
  }
}
