import type { Clock } from "../../src/domain/clock.ts";

/** A clock that a test turns by hand: `advance` wakes the sleepers in order and lets their work settle in between. */
export interface FakeClock extends Clock {
  advance(ms: number): Promise<void>;
  /** How many sleepers wait now. */
  sleepers(): number;
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise<void>((done) => setImmediate(done));
};

export function fakeClock(startAt = 1_700_000_000_000): FakeClock {
  let elapsed = 0;
  const waiting = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => startAt + elapsed,
    monotonic: () => elapsed,
    sleepers: () => waiting.size,
    sleep: (ms, signal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        const entry = { at: elapsed + Math.max(0, ms), wake: () => {} };
        entry.wake = () => {
          waiting.delete(entry);
          signal.removeEventListener("abort", entry.wake);
          resolve();
        };
        waiting.add(entry);
        signal.addEventListener("abort", entry.wake, { once: true });
      }),
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (;;) {
        const next = [...waiting].filter((w) => w.at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        elapsed = Math.max(elapsed, next.at);
        next.wake();
        await settle();
      }
      elapsed = until;
      await settle();
    },
  };
}
