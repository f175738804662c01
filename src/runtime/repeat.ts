import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { shownFailure } from "../domain/store-failure.ts";
import { type Doorbell, doorbell } from "./doorbell.ts";

interface Repetition {
  readonly everyMs: number;
  /** Rings for an early run. */
  readonly bell?: Doorbell;
  /** The shortest pause between two runs, however often the bell rings. */
  readonly gapMs?: number;
  /** What the log says when a run fails. */
  readonly failure: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Runs `attempt` again and again, never twice at once, until aborted. A failed run is logged once for a row of failures
 * (a store's without a stack) and tried again at the next turn. Resolves after the last run has ended; never rejects.
 */
export async function repeat(
  { everyMs, gapMs = 0, bell = doorbell(), failure, clock, log }: Repetition,
  attempt: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await attempt();
      if (failures > 0) log.info({ failures }, `${failure}: over`);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1 && !signal.aborted) log.warn(shownFailure(error), failure);
    }
    await clock.sleep(gapMs, signal);
    await bell.wait(everyMs - gapMs, clock, signal);
  }
}
