import { parseRedisUrl, REDIS_URL_FORM } from "../config/redis-url.ts";
import type { Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";
import type { RedisAddress } from "../redis/connection.ts";
import { readPemOf } from "./setting-file.ts";

/** True where viewer tokens live in Redis. */
export const usesRedis = ({ redisUrl, redisHost }: Pick<Settings, "redisUrl" | "redisHost">): boolean =>
  redisUrl !== null || redisHost !== null;

/**
 * How to reach the Redis that the settings name; null where they name none.
 * @throws RigError INVALID_SETTING that names the setting which is wrong
 */
export async function configuredRedis(settings: Settings): Promise<RedisAddress | null> {
  const { redisUrl, redisHost, redisPort, redisPassword } = settings;
  if (!usesRedis(settings)) return null;
  if (redisUrl !== null && redisHost !== null) throw bad("redisHost and redisUrl are both set", "Set one of the two.");
  const place = parseRedisUrl(redisUrl?.open() ?? `redis://${hostInUrl(redisHost)}:${redisPort}`);
  if (!place) throw bad(`redisUrl must be ${REDIS_URL_FORM}, got [redacted]`, "Set REDIS_URL_FILE.");
  const ca = await readPemOf(settings, "redisCa");
  if (ca !== null && !place.isTls)
    throw bad("redisCa is set, and redisUrl has no TLS", "Write rediss:// in REDIS_URL.");
  return { ...place, ca, password: place.password ?? redisPassword };
}

const hostInUrl = (host: string | null): string | null =>
  host?.includes(":") && !host.startsWith("[") ? `[${host}]` : host;

const bad = (message: string, hint: string): RigError => new RigError("INVALID_SETTING", message, { hint });
