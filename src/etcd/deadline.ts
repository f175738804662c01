import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";

/**
 * Waits for `work` no longer than `ms`, and no longer than `signal` lets it. The work itself goes on unheard.
 * @throws RigError ETCD_UNREACHABLE at the deadline; the signal's reason when it aborts
 */
export async function within<T>(
  work: Promise<T>,
  { what, ms, clock, signal }: { what: string; ms: number; clock: Clock; signal?: AbortSignal | undefined },
): Promise<T> {
  const settled = new AbortController();
  const waits: Promise<T>[] = [
    work,
    clock.sleep(ms, settled.signal).then(() => {
      if (settled.signal.aborted) return work;
      throw new RigError("ETCD_UNREACHABLE", `etcd: ${what}: no answer within ${ms} ms`);
    }),
  ];
  if (signal) waits.push(aborted(signal, settled.signal));
  try {
    return await Promise.race(waits);
  } finally {
    settled.abort();
  }
}

/** Rejects when `signal` aborts; forgets it once `settled`. */
const aborted = (signal: AbortSignal, settled: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true, signal: settled });
  });
