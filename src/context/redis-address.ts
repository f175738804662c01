import { currentSecret } from "../config/current-secret.ts";
import { parseRedisUrl, REDIS_URL_FORM, type RedisPlace } from "../config/redis-url.ts";
import type { Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import type { RedisAddress } from "../redis/connection.ts";
import { systemClock } from "../runtime/clock.ts";
import { pairFaultOf } from "../runtime/tls/credential.ts";
import { readPemOf } from "./setting-file.ts";

const TLS_SETTINGS = ["redisCa", "redisCert", "redisKey"] as const;

/** True where the settings name a Redis. */
export const usesRedis = ({ redisUrl, redisHost }: Pick<Settings, "redisUrl" | "redisHost">): boolean =>
  redisUrl !== null || redisHost !== null;

/**
 * How to reach the Redis that the settings name; null where they name none.
 * @param env where the password's file is named, for it is read again whenever the connection is lost
 * @throws RigError INVALID_SETTING naming the setting which is missing or wrong
 */
export async function configuredRedis(settings: Settings, env?: NodeJS.ProcessEnv): Promise<RedisAddress | null> {
  const { redisUrl, redisHost, redisPort } = settings;
  if (!usesRedis(settings)) return null;
  if (redisUrl !== null && redisHost !== null) throw bad("redisHost and redisUrl are both set", "Set one of the two.");
  const place = parseRedisUrl(redisUrl?.open() ?? `redis://${hostInUrl(redisHost)}:${redisPort}`);
  if (!place) throw bad(`redisUrl must be ${REDIS_URL_FORM}, got [redacted]`, "Set REDIS_URL_FILE.");
  return { ...place, ...(await tlsOf(settings, place)), ...passwordOf(settings, place, env) };
}

/** What of TLS the settings name; without a CA the certificate of Redis is checked against those that Node trusts. */
async function tlsOf(settings: Settings, { isTls }: RedisPlace): Promise<Pick<RedisAddress, "ca" | "credential">> {
  const set = TLS_SETTINGS.find((setting) => settings[setting] !== null);
  if (set && !isTls) throw bad(`${set} is set, and redisUrl has no TLS`, "Write rediss:// in REDIS_URL.");
  const [ca = null, cert, key] = await Promise.all(TLS_SETTINGS.map((setting) => readPemOf(settings, setting)));
  if (!cert && !key) return { ca };
  if (!cert) throw bad("redisCert is not set, and redisKey is", "Set REDIS_CERT.");
  if (!key) throw bad("redisKey is not set, and redisCert is", "Set REDIS_KEY.");
  const credential = { certificate: cert, privateKey: new Secret(key) };
  const fault = pairFaultOf(credential, systemClock);
  if (fault === null) return { ca, credential };
  throw bad(`redisCert: ${settings.redisCert} cannot be used: ${fault}`, "Set REDIS_CERT and REDIS_KEY.");
}

function passwordOf({ redisUrl, redisPassword }: Settings, { password }: RedisPlace, env?: NodeJS.ProcessEnv) {
  if (password !== null && redisUrl !== null) {
    const current = async () => parseRedisUrl((await currentSecret("redisUrl", redisUrl, env)).open())?.password;
    return { password, currentPassword: async () => (await current()) ?? password };
  }
  if (redisPassword === null) return { password: null };
  return { password: redisPassword, currentPassword: () => currentSecret("redisPassword", redisPassword, env) };
}

const hostInUrl = (host: string | null): string | null =>
  host?.includes(":") && !host.startsWith("[") ? `[${host}]` : host;

const bad = (message: string, hint: string): RigError => new RigError("INVALID_SETTING", message, { hint });
