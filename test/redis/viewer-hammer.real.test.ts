import { once } from "node:events";
import { describe } from "vitest";
import { redisKeys } from "../../src/redis/keys.ts";
import { readViewers } from "../../src/services/stored-viewers.ts";
import { redisBinary, startRedis } from "../support/redis.ts";
import { hammersViewers, type WatchedStore } from "../support/viewer-hammer.ts";

async function hammeredRedis(): Promise<WatchedStore | null> {
  if (redisBinary() === null) return null;
  const redis = await startRedis();
  const keys = redisKeys();
  return {
    env: { REDIS_URL: redis.url },
    async restart() {
      await redis.kill();
      await redis.start();
    },
    async watch(see, signal) {
      const monitor = await redis.admin.monitor(); // comes back with Redis, and tells what scripts do too
      monitor.on("error", () => {});
      monitor.on("monitor", (_time: string, [command, key = "", value = ""]: string[]) => {
        if (command?.toUpperCase() === "SET" && keys.sessionHashOf(key) !== null)
          see(readViewers(key, value).tokens.length);
      });
      if (!signal.aborted) await once(signal, "abort");
      monitor.disconnect();
    },
    stop: () => redis.stop(),
  };
}

describe("servers of viewer tokens that are killed, over a Redis that is restarted", () => {
  hammersViewers(hammeredRedis, { usualMs: 4_000, faultsMs: 500 });
});
