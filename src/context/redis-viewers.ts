import type { Log } from "../domain/log.ts";
import type { RedisAddress } from "../redis/connection.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Probe } from "../runtime/http/health.ts";
import type { ViewerBoard } from "../services/viewer-board.ts";
import type { ViewerCounters } from "../services/viewer-counters.ts";
import { type ViewerServers, viewerSummary } from "../services/viewer-servers.ts";
import type { ViewerSessionStore } from "../services/viewer-session-store.ts";

/** Viewer sessions in Redis, as requests and as operators reach them. */
interface RedisViewers {
  readonly store: ViewerSessionStore;
  readonly board: ViewerBoard;
  readonly servers: ViewerServers;
  readonly probe: Probe;
  /** Lets operators see what this server is asked for, until aborted. Never rejects. */
  announce(serverId: string, counters: ViewerCounters, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Connects to Redis; whoever asks before it is there is told. Loads its package only now: most commands need none. */
export async function redisViewers(address: RedisAddress, log: Log): Promise<RedisViewers> {
  const [{ redisClient }, { redisViewerSessions }, { redisViewerBoard }, servers] = await Promise.all([
    import("../redis/client.ts"),
    import("../redis/viewer-sessions.ts"),
    import("../redis/viewer-board.ts"),
    import("../redis/viewer-servers.ts"),
  ]);
  const redis = redisClient({ ...address, log });
  return {
    store: redisViewerSessions(redis),
    board: redisViewerBoard(redis),
    servers: servers.redisViewerServers(redis),
    probe: { name: "redis", check: async () => void (await redis.read("ping", (connection) => connection.ping())) },
    announce: (serverId, counters, signal) => {
      const summary = viewerSummary(counters, systemClock);
      return servers.announceInRedis(redis, { serverId, summary, clock: systemClock, log }, signal);
    },
    close: () => redis.close(),
  };
}
