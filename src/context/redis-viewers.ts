import type { Log } from "../domain/log.ts";
import type { RedisAddress } from "../redis/connection.ts";
import type { Probe } from "../runtime/http/health.ts";
import type { ViewerBoard } from "../services/viewer-board.ts";
import type { ViewerSessionStore } from "../services/viewer-session-store.ts";

/** Viewer sessions in Redis, as requests and as operators reach them. */
interface RedisViewers {
  readonly store: ViewerSessionStore;
  readonly board: ViewerBoard;
  readonly probe: Probe;
  close(): Promise<void>;
}

/** Connects to Redis; whoever asks before it is there is told. Loads its package only now: most commands need none. */
export async function redisViewers(address: RedisAddress, log: Log): Promise<RedisViewers> {
  const [{ redisClient }, { redisViewerSessions }, { redisViewerBoard }] = await Promise.all([
    import("../redis/client.ts"),
    import("../redis/viewer-sessions.ts"),
    import("../redis/viewer-board.ts"),
  ]);
  const redis = redisClient({ ...address, log });
  return {
    store: redisViewerSessions(redis),
    board: redisViewerBoard(redis),
    probe: { name: "redis", check: async () => void (await redis.read("ping", (connection) => connection.ping())) },
    close: () => redis.close(),
  };
}
