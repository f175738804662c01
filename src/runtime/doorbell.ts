import type { Clock } from "../domain/clock.ts";

/** Wakes one waiting loop early. A ring that nobody waits for is kept, so none is lost. */
export interface Doorbell {
  ring(): void;
  /** Resolves at the next ring (at once for a kept one), after `ms`, or when aborted. Never rejects. */
  wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void>;
}

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
        const timer = new AbortController();
        const rings = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([rings, clock.sleep(ms, AbortSignal.any([signal, timer.signal]))]);
        timer.abort();
        wake = null;
      }
      rung = false;
    },
  };
}
