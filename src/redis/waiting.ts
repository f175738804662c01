import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import { Deadlines } from "../services/deadlines.ts";

const PATIENCE_MS = 1_800; // every caller hears within 2 s
const MOST_WAITING = 16_384;

/** Those who wait for an answer, each for the same time; no more than Redis could ever answer in it. */
export class WaitingCalls {
  readonly #deadlines: Deadlines;
  readonly #closed = new AbortController();

  constructor(clock: Clock) {
    this.#deadlines = new Deadlines(clock);
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
    if (this.#deadlines.size >= MOST_WAITING)
      throw new RigError("OVERLOADED", `redis: ${MOST_WAITING} requests wait for an answer already`);
    return this.#deadlines.set(PATIENCE_MS, onLate);
  }

  /** Tells all that it is over; resolves when its timer has ended. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#deadlines.endAll();
    await this.#deadlines.close();
  }
}
