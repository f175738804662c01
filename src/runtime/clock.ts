import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../domain/clock.ts";

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => delay(Math.max(0, ms), undefined, { signal }).catch(() => {}), // rejects on abort alone
};
