import { RigError } from "../domain/errors.ts";
import { Deadlines } from "../services/deadlines.ts";
import type { ViewerSessionStore } from "../services/viewer-session-store.ts";
import { ViewerCache } from "./viewer-cache.ts";
import { ViewerQueue, type ViewerQueuePorts } from "./viewer-queue.ts";

interface ViewerSessionsOptions {
  /** The clock by which tokens expire; the client's unless a test sets another. */
  readonly now?: () => number;
  /** For the sessions last seen. */
  readonly cacheBytes?: number;
}

const CACHE_BYTES = 64 * 1024 * 1024; // 45,000 to 90,000 sessions; one that is forgotten costs a second try when it is asked for again
const MOST_SESSIONS = 4_096; // of which something waits at the same time

/**
 * Viewer sessions in etcd, one key each. All that waits for a session becomes one change, and changes of many sessions
 * share outer transactions; the usual one costs no read, for what was last seen is remembered and compared.
 */
export function etcdViewerSessions(
  etcd: ViewerQueuePorts["etcd"],
  { now = () => etcd.clock.now(), cacheBytes = CACHE_BYTES }: ViewerSessionsOptions = {},
): ViewerSessionStore {
  const ports: ViewerQueuePorts = {
    ...{ etcd, now },
    cache: new ViewerCache(cacheBytes),
    deadlines: new Deadlines(etcd.clock),
  };
  const queues = new Map<string, ViewerQueue>();

  return {
    apply(session, operation) {
      let queue = queues.get(session.key);
      if (!queue) {
        if (queues.size >= MOST_SESSIONS)
          return Promise.reject(new RigError("OVERLOADED", `etcd: ${MOST_SESSIONS} viewer sessions wait already`));
        queue = new ViewerQueue(ports, session, () => queues.delete(session.key));
        queues.set(session.key, queue);
      }
      return queue.apply(operation);
    },
  };
}
