import type { Clock } from "../domain/clock.ts";

/** Wakes one waiting loop early. A ring that nobody waits for is kept, so none is lost. */
export interface Doorbell {
  ring(): void;
  /** Resolves at the next ring (at once for a kept one), after `ms`, or when aborted. Never rejects. */
  wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void>;
}

// Without a reason of its own each abort would make an error with its stack: a tenth of a worker's time.
const RUNG = "rung";

/** A doorbell that nobody has rung yet. */
export function doorbell(): Doorbell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms, clock, signal) {
      if (!rung && !signal.aborted) {
        const over = new AbortController(); // AbortSignal.any would leave an entry on `signal` for each wait (Node 20)
        const end = () => over.abort(RUNG);
        wake = end;
        signal.addEventListener("abort", end, { once: true });
        await clock.sleep(ms, over.signal);
        signal.removeEventListener("abort", end);
        wake = null;
      }
      rung = false;
    },
  };
}
