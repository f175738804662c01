import type { Clock } from "../../../domain/clock.ts";

// a timer may be this much late on a busy machine without being a standstill
const TOLERANCE_MS = 250;

/**
 * Time as the store lived through it, for leases. It stands still while the process does: a tick that comes late adds
 * only what it was to wait, so that every lease is longer by the delay and nobody expires for a frozen store.
 */
export class LeaseClock {
  readonly #clock: Clock;
  readonly #mostMs: number;
  #ticked: number; // on the real clock
  #lived = 0;

  /** @param tickMs the time between two ticks */
  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock;
    this.#mostMs = tickMs + TOLERANCE_MS;
    this.#ticked = clock.monotonic();
  }

  /** Milliseconds lived since the start. */
  now(): number {
    return this.#lived + Math.min(this.#clock.monotonic() - this.#ticked, this.#mostMs);
  }

  /** To be called after every pause; answers true where it came so late that time stood still. */
  tick(): boolean {
    const late = this.#clock.monotonic() - this.#ticked > this.#mostMs;
    this.#lived = this.now();
    this.#ticked = this.#clock.monotonic();
    return late;
  }
}
