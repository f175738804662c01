import type { ViewerSessionStore } from "../services/viewer-session-store.ts";
import type { RedisClient } from "./client.ts";
import { ViewerQueue, type ViewerQueuePorts } from "./viewer-queue.ts";

interface ViewerSessionsOptions {
  /** The clock by which tokens expire; Redis's own unless a test sets another. */
  readonly now?: () => number;
}

/** Viewer sessions in Redis, one key each, changed by one script with the time of Redis; nothing is remembered here. */
export function redisViewerSessions(redis: RedisClient, { now }: ViewerSessionsOptions = {}): ViewerSessionStore {
  const ports: ViewerQueuePorts = { redis, now: now ?? null };
  const queues = new Map<string, ViewerQueue>();
  return {
    apply(session, operation) {
      let queue = queues.get(session.key);
      if (!queue) {
        queue = new ViewerQueue(ports, session, () => queues.delete(session.key));
        queues.set(session.key, queue);
      }
      return queue.apply(operation);
    },
  };
}
