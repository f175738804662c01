import type { RelayReason } from "./relay.ts";

const FAST = { floorMs: 1000, ceilingMs: 30_000 };
const SLOW = { floorMs: 30_000, ceilingMs: 300_000 }; // what only a change on the other side (or by the owner) can heal

const SLOW_REASONS: readonly (RelayReason | null)[] = ["rejected", "no video", "codec", "address refused"];

/**
 * How long a relay waits before it tries again, in milliseconds: full jitter between a floor and a ceiling that doubles with
 * each failure. 1 s to 30 s; 30 s to 5 min where trying soon again cannot help.
 * @param failures tries that failed in a row, 1 or more
 */
export function backoffMs(reason: RelayReason | null, failures: number, random: () => number): number {
  const { floorMs, ceilingMs } = SLOW_REASONS.includes(reason) ? SLOW : FAST;
  const highestMs = Math.min(ceilingMs, floorMs * 2 ** Math.min(failures, 16));
  return Math.round(floorMs + random() * (highestMs - floorMs));
}
