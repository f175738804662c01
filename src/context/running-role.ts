import type { Part } from "../runtime/lifecycle.ts";

/** A role that serves now. */
export interface RunningRole<Facts> extends Part {
  /** What it told when it was ready: ports, addresses. */
  readonly facts: Facts;
  /** Resolves when it has ended; rejects with what ended it. */
  readonly ended: Promise<void>;
}

/** Starts a role and waits until it serves. Rejects with what kept it from serving. */
export async function startRole<Facts>(
  name: string,
  run: (ready: (facts: Facts) => void, signal: AbortSignal) => Promise<void>,
): Promise<RunningRole<Facts>> {
  const stop = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  const facts = await new Promise<Facts>((resolve, reject) => {
    ended = run(resolve, stop.signal);
    ended.then(() => reject(new Error(`${name} ended before it served`)), reject);
  });
  return {
    name,
    facts,
    ended,
    async stop() {
      stop.abort();
      await ended;
    },
  };
}
