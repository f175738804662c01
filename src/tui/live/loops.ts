import type { Clock } from "../../domain/clock.ts";
import { safeText } from "../../domain/safe-text.ts";
import type { LiveEvent } from "./update.ts";

const TICK_MS = 1000; // ages are shown in whole seconds

/** An error in one safe line. */
export const messageOf = (error: unknown): string => safeText(error instanceof Error ? error.message : String(error));

/**
 * What the work gives, or "aborted". The abort has a promise of its own each time: one for the whole loop would keep
 * every result that was raced against it.
 */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | "aborted"> {
  let stop = () => {};
  const aborted = new Promise<"aborted">((resolve) => {
    stop = () => resolve("aborted");
  });
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Loads, pauses and loads again until aborted; a load that hangs does not keep it from ending. */
export async function poll<Data>(
  { load, clock }: { load(): Promise<Data>; clock: Clock },
  dispatch: (event: LiveEvent<Data>) => void,
  pause: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const loadOnce = async (): Promise<LiveEvent<Data>> => {
    try {
      return { kind: "loaded", data: await load(), now: clock.now() };
    } catch (error) {
      return { kind: "load failed", problem: messageOf(error), now: clock.now() };
    }
  };
  while (!signal.aborted) {
    const event = await unlessAborted(loadOnce(), signal);
    if (event === "aborted") return;
    dispatch(event);
    await pause();
  }
}

/** Keeps the ages on the screen moving while nothing else does (`shownAt`: ms since epoch, the last change), until aborted. */
export async function tickAges(
  clock: Clock,
  shownAt: () => number,
  dispatch: (event: LiveEvent<never>) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(TICK_MS, signal);
    if (!signal.aborted && clock.now() - shownAt() >= TICK_MS) dispatch({ kind: "tick", now: clock.now() });
  }
}
