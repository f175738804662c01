import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { ViewerAnswer } from "../domain/viewer-operation.ts";
import type { ViewerSessionStore } from "./viewer-session-store.ts";

interface Asked {
  readonly endsAt: number;
  readonly onLate: () => void;
}

const PATIENCE_MS = 1_900; // the stores give up at 1.8 s and know more of why; a viewer hears within 2 s
const TICK_MS = 50; // how late it may be noticed
const FOREVER = new AbortController().signal;

/**
 * The same store, which answers in time even where it does not: then OVERLOADED, and whatever it answers later is
 * nobody's any more, so that no token comes of it.
 */
export function promptViewers(
  store: ViewerSessionStore,
  clock: Pick<Clock, "monotonic" | "sleep">,
  patienceMs = PATIENCE_MS,
): ViewerSessionStore {
  const waiting = new Set<Asked>(); // the longest first, as each waits for the same time
  let isTicking = false;

  /** One timer for all, while any waits. */
  async function tick(): Promise<void> {
    isTicking = true;
    while (waiting.size > 0) {
      await clock.sleep(TICK_MS, FOREVER);
      const now = clock.monotonic();
      for (const asked of waiting) {
        if (asked.endsAt > now) break;
        waiting.delete(asked);
        asked.onLate();
      }
    }
    isTicking = false;
  }

  return {
    apply: (session, operation) =>
      new Promise<ViewerAnswer>((resolve, reject) => {
        const onLate = () =>
          reject(new RigError("OVERLOADED", `${operation.do} a viewer token: no answer within ${patienceMs} ms`));
        const asked: Asked = { endsAt: clock.monotonic() + patienceMs, onLate };
        waiting.add(asked);
        if (!isTicking) void tick();
        store.apply(session, operation).then(
          (answer) => {
            waiting.delete(asked);
            resolve(answer);
          },
          (error: unknown) => {
            waiting.delete(asked);
            reject(error);
          },
        );
      }),
  };
}
