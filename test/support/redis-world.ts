import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { parseRedisUrl } from "../../src/config/redis-url.ts";
import { type RedisClient, redisClient } from "../../src/redis/client.ts";
import { type RealRedis, redisBinary } from "./redis.ts";
import { silentLog } from "./silent-log.ts";

/** A client of rig's for a URL, that need not be closed where `redisWorld` does. */
export const clientOf = (url: string, prefix: string, ca: string | null = null): RedisClient => {
  const place = parseRedisUrl(url);
  if (!place) throw new Error(`no Redis URL: ${url}`);
  return redisClient({ ...place, ca, prefix, log: silentLog });
};

/** One Redis for a `describe`, and under it a prefix and clients of each test's own. Call it once in a `describe`. */
export function redisWorld(start: () => Promise<RealRedis>) {
  const clients: RedisClient[] = [];
  let redis: RealRedis;
  let prefix: string;
  beforeAll(async () => {
    if (redisBinary() !== null) redis = await start();
  });
  afterAll(async () => {
    await redis?.stop();
  });
  beforeEach((context) => {
    if (redisBinary() === null) return context.skip();
    prefix = `test-${randomUUID()}:`;
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });
  return {
    /** Another client under the test's prefix, closed after the test. */
    client(url: string = redis.url): RedisClient {
      const client = clientOf(url, prefix);
      clients.push(client);
      return client;
    },
    get redis() {
      return redis;
    },
    get prefix() {
      return prefix;
    },
  };
}
