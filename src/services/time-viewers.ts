import type { Clock } from "../domain/clock.ts";
import type { ViewerSessionStore } from "./viewer-session-store.ts";

/** Upper bounds of the classes in which times are counted, seconds. */
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2] as const;

/** How often something took how long. */
export interface Times {
  /** For each bound in seconds, how often it took no longer; in order. */
  readonly upTo: readonly (readonly [seconds: number, times: number])[];
  readonly times: number;
  readonly seconds: number;
}

/** Counts how long something took, since the process started. */
export class StoreTimes {
  readonly #counts = BOUNDS_SECONDS.map(() => 0);
  #times = 0;
  #seconds = 0;

  note(seconds: number): void {
    const place = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    if (place >= 0) this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#times += 1;
    this.#seconds += seconds;
  }

  read(): Times {
    let sum = 0;
    const upTo = BOUNDS_SECONDS.map((bound, i) => {
      sum += this.#counts[i] ?? 0;
      return [bound, sum] as const;
    });
    return { upTo, times: this.#times, seconds: this.#seconds };
  }
}

/** The same store, with the time of each answer noted, failures included. */
export const timedViewers = (
  store: ViewerSessionStore,
  times: StoreTimes,
  clock: Pick<Clock, "monotonic">,
): ViewerSessionStore => ({
  async apply(session, operation) {
    const startedAt = clock.monotonic();
    try {
      return await store.apply(session, operation);
    } finally {
      times.note((clock.monotonic() - startedAt) / 1_000);
    }
  },
});
