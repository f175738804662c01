import { secretFile } from "../config/current-secret.ts";
import { parseRedisUrl, redisUrlOf } from "../config/redis-url.ts";
import type { Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";
import type { RedisAccess, RigStatus } from "../domain/rig-status.ts";
import { Secret } from "../domain/secret.ts";
import type { RedisAddress } from "../redis/connection.ts";
import { platformHere } from "./places.ts";
import { readSecret } from "./private-secrets.ts";
import { configuredRedis, usesRedis } from "./redis-address.ts";

/**
 * How to reach the Redis where viewer tokens live: that of the settings, else that of the platform which runs here; null
 * where they live in etcd. An etcd that the settings name comes before a platform which uses another one.
 * @throws RigError INVALID_SETTING, also where the platform was given a password that no file holds
 */
export async function redisPlace(settings: Settings): Promise<RedisAddress | null> {
  if (usesRedis(settings)) return configuredRedis(settings);
  const platform = await platformHere(settings);
  if (!platform?.redis || usesOtherEtcd(settings, platform)) return null;
  return addressOf(platform.redis, settings);
}

/** What the state file keeps of a platform's Redis; null where the settings name none. @throws RigError INVALID_SETTING */
export async function redisAccess(settings: Settings): Promise<RedisAccess | null> {
  const address = await configuredRedis(settings);
  if (address === null) return null;
  return {
    url: redisUrlOf({ ...address, user: null }),
    user: address.user,
    hasPassword: address.password !== null,
    urlFile: settings.redisUrl && secretFile("redisUrl"),
    passwordFile: settings.redisPassword && secretFile("redisPassword"),
    caFile: settings.redisCa,
    certFile: settings.redisCert,
    keyFile: settings.redisKey,
  };
}

function usesOtherEtcd({ etcdEndpoints }: Settings, { etcd }: Pick<RigStatus, "etcd">): boolean {
  const ours = new Set(etcd.endpoints.map(hostAndPort));
  return etcdEndpoints.length > 0 && !etcdEndpoints.some((endpoint) => ours.has(hostAndPort(endpoint)));
}

const hostAndPort = (endpoint: string): string => endpoint.replace(/^https?:\/\//, "").replace(/\/$/, "");

async function addressOf(access: RedisAccess, settings: Settings): Promise<RedisAddress | null> {
  const place = parseRedisUrl(access.url);
  if (place === null) throw new Error("the state file has no URL of Redis");
  const password = settings.redisPassword ?? (await passwordIn(access));
  if (password === null && access.hasPassword)
    throw new RigError("INVALID_SETTING", `redisPassword is not set, and viewer tokens live in ${access.url}`, {
      hint: "Set REDIS_PASSWORD_FILE: the platform was given a password for it that stands in no file.",
    });
  const address = await configuredRedis({
    ...settings,
    redisUrl: new Secret(redisUrlOf({ ...place, user: access.user })),
    redisPassword: password,
    redisCa: settings.redisCa ?? access.caFile,
    redisCert: settings.redisCert ?? access.certFile,
    redisKey: settings.redisKey ?? access.keyFile,
  });
  if (address === null || password === null || settings.redisPassword !== null) return address;
  return { ...address, currentPassword: async () => (await passwordIn(access).catch(() => null)) ?? password };
}

/** The password that the platform's files hold by now; the URL's own comes first, as it does for the platform. */
async function passwordIn({ urlFile, passwordFile }: RedisAccess): Promise<Secret | null> {
  const url = urlFile === null ? null : await readSecret(urlFile);
  const ofUrl = url && (parseRedisUrl(url.open())?.password ?? null);
  return ofUrl ?? (passwordFile === null ? null : readSecret(passwordFile));
}
