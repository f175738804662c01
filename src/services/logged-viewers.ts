import type { FailureLog } from "./failure-log.ts";
import type { ViewerSessionStore } from "./viewer-session-store.ts";

/** The same store, and the log hears when it fails and when it works again, whoever asked it. */
export const loggedViewers = (
  store: ViewerSessionStore,
  failures: Pick<FailureLog, "failed" | "worked">,
): ViewerSessionStore => ({
  apply(session, operation) {
    const answer = store.apply(session, operation);
    answer.then(
      () => failures.worked(),
      (error: unknown) => failures.failed(error),
    );
    return answer;
  },
});
