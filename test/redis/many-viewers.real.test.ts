import { describe, expect } from "vitest";
import { redisKeys } from "../../src/redis/keys.ts";
import { IS_LONG } from "../support/full-count.ts";
import { bearsManyViewers, type CrowdedStore } from "../support/many-viewers.ts";
import { redisBinary, startRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

const MARGIN_MS = 60_000; // so long after its last token a session is kept
const LONG = { limitMs: 240_000, stepMs: 1_000 };

async function crowdedRedis(): Promise<CrowdedStore | null> {
  if (redisBinary() === null) return null;
  const { admin, url, stop } = await startRedis();
  const sessions = async () => {
    const answers = await admin.multi().dbsize().exists(redisKeys().viewerServers).exec(); // at one instant
    const [all = 0, others = 0] = answers?.map(([, count]) => Number(count)) ?? [];
    return all - others;
  };
  const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await admin.info("memory"))?.[1]);
  return {
    ...{ env: { REDIS_URL: url }, sessions, stop },
    async forgets(expirySeconds) {
      const startedAt = performance.now();
      const beforeBytes = await usedBytes();
      const [, keys, expires, ttl] = /keys=(\d+),expires=(\d+),avg_ttl=(\d+)/.exec(await admin.info("keyspace")) ?? [];
      expect(expires).toBe(keys); // there is none that does not go by itself
      expect(Number(ttl)).toBeLessThanOrEqual(expirySeconds * 1_000 + MARGIN_MS);
      if (IS_LONG) await until(async () => (await sessions()) === 0, { ...LONG, what: "Redis has forgotten" });
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      return { seconds, beforeBytes, afterBytes: await usedBytes() };
    },
  };
}

// Nothing is remembered of sessions: 25 MiB of what every server has, and room for what is new.
describe("many viewer sessions over Redis", () => bearsManyViewers(crowdedRedis, { heapMib: 80 }));
