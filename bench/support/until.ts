import { systemClock } from "../../src/runtime/clock.ts";

const STEP_MS = 10;

/** Waits for a condition. @throws Error that names `what` after `limitMs`, or where the benchmark is stopped */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  signal: AbortSignal,
  limitMs = 20_000,
): Promise<void> {
  const deadline = systemClock.monotonic() + limitMs;
  while (!(await condition())) {
    signal.throwIfAborted();
    if (systemClock.monotonic() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await systemClock.sleep(STEP_MS, signal);
  }
}
