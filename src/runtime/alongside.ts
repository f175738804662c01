/**
 * Runs `work`, and `chores` for as long as it lasts. Ends as `work` does, once both have ended.
 * @param chores never rejects, and resolves once its signal has aborted
 */
export async function alongside<T>(chores: (signal: AbortSignal) => Promise<void>, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const done = chores(stop.signal);
  try {
    return await work();
  } finally {
    stop.abort();
    await done;
  }
}
