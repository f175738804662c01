import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { ViewerAnswer } from "../domain/viewer-operation.ts";
import { Deadlines } from "./deadlines.ts";
import type { ViewerSessionStore } from "./viewer-session-store.ts";

const PATIENCE_MS = 1_900; // the stores give up at 1.8 s and know more of why; a viewer hears within 2 s

/**
 * The same store, which answers in time even where it does not: then OVERLOADED, and whatever it answers later is
 * nobody's any more, so that no token comes of it.
 */
export function promptViewers(
  store: ViewerSessionStore,
  clock: Pick<Clock, "monotonic" | "sleep">,
  patienceMs = PATIENCE_MS,
): ViewerSessionStore {
  const deadlines = new Deadlines(clock);
  return {
    apply: (session, operation) =>
      new Promise<ViewerAnswer>((resolve, reject) => {
        const clear = deadlines.set(patienceMs, () =>
          reject(new RigError("OVERLOADED", `${operation.do} a viewer token: no answer within ${patienceMs} ms`)),
        );
        store.apply(session, operation).then(resolve, reject).finally(clear);
      }),
  };
}
