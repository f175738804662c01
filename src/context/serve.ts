import type { Log } from "../domain/log.ts";
import { aborted } from "../runtime/aborted.ts";
import { systemClock } from "../runtime/clock.ts";
import { exitNow, listenForStop, type Part, stopInOrder } from "../runtime/lifecycle.ts";

const STOP_MS = 9_500; // of the 10 s that whoever stops us waits

/** What a start leaves behind beside its parts. */
export interface Serving {
  /** Rejects when a part ended that should not have. */
  readonly broken: Promise<never>;
}

/**
 * Starts, serves until a stop signal comes or a part breaks, and stops the parts in order, last started first. `start`
 * fills `parts` as it goes, so that a start that fails halfway is undone too.
 * @throws what kept it from starting, or the part's failure
 */
export async function serve<S extends Serving>(
  start: (parts: Part[]) => Promise<S>,
  onReady: (serving: S) => Promise<void>,
  log: Log,
): Promise<void> {
  const parts: Part[] = [];
  const { drain, kill, release } = listenForStop(log);
  let isStarting = true;
  try {
    const serving = await Promise.race([start(parts), aborted(kill)]);
    if (!serving) return; // told a second time: nobody waits for the rest of the start
    isStarting = false;
    serving.broken.catch(() => {}); // raced below; it may also break while the parts are stopped
    if (!drain.aborted) await onReady(serving);
    await Promise.race([aborted(drain), serving.broken]);
  } finally {
    const late = await stopInOrder(parts, { deadlineMs: STOP_MS, kill, clock: systemClock, log });
    release();
    log.info({ late }, "rig has stopped");
    if (late.length > 0 || (isStarting && kill.aborted)) exitNow(1); // what is left would keep the process alive
  }
}
