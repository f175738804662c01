import { describe } from "vitest";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import { viewerStoreContract } from "../services/viewer-store-contract.ts";
import { startRedis } from "../support/redis.ts";
import { redisWorld } from "../support/redis-world.ts";

describe("viewer sessions in Redis", () => {
  const world = redisWorld(startRedis);

  viewerStoreContract(() => ({ server: () => redisViewerSessions(world.client()) }));
});
