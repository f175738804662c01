import type { Clock } from "../domain/clock.ts";

const BURST = 50; // a studio that starts with the wrong settings on every encoder
const EVERY_MS = 100; // 10 a second: more than encoders that try again by themselves
const MAX_ADDRESSES = 10_000;

/** Says who has tried too many stream keys that are no good. */
export interface WrongKeyLimit {
  /** True where the next try from there is worth a question to the server. */
  mayTry(address: string): boolean;
  /** A stream key from there was no good. */
  countWrong(address: string): void;
}

/**
 * Bounds what guessing costs the server, the database and the audit trail: 50 wrong stream keys at once and 10 a second
 * from one address. Loopback is let off: behind a proxy everybody comes from there.
 */
export function wrongKeyLimit(clock: Pick<Clock, "monotonic">): WrongKeyLimit {
  const paidUpAt = new Map<string, number>(); // when the address's wrong keys are forgotten, if none follows
  const forgetSome = (now: number) => {
    for (const [address, at] of paidUpAt) {
      if (at > now && paidUpAt.size < MAX_ADDRESSES) return;
      paidUpAt.delete(address); // the oldest first, whether it is paid up or not
    }
  };
  return {
    mayTry: (address) =>
      isLoopback(address) || (paidUpAt.get(address) ?? 0) - clock.monotonic() <= (BURST - 1) * EVERY_MS,
    countWrong(address) {
      const now = clock.monotonic();
      const at = Math.max(paidUpAt.get(address) ?? 0, now) + EVERY_MS;
      paidUpAt.delete(address);
      forgetSome(now);
      paidUpAt.set(address, at);
    },
  };
}

const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.");
