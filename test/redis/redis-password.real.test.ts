import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseRedisUrl } from "../../src/config/redis-url.ts";
import { Secret } from "../../src/domain/secret.ts";
import { type RedisClient, redisClient } from "../../src/redis/client.ts";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import { create, sessionNamed } from "../services/viewer-store-contract.ts";
import { type RealRedis, redisBinary, startRedis } from "../support/redis.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";

let redis: RealRedis;
let client: RedisClient;
/** What stands in the password's file. */
let written: string;

beforeEach((context) => {
  if (redisBinary() === null) context.skip();
  written = "first";
});
afterEach(async () => {
  await client?.close();
  await redis?.stop();
});

async function open(query: string): Promise<void> {
  await redis.admin.acl("SETUSER", "edge", "on", ">first", "~*", "+@all");
  const place = parseRedisUrl(`redis://edge:first@${redis.endpoint}${query}`);
  if (!place) throw new Error("no Redis URL");
  const currentPassword = async () => new Secret(written);
  client = redisClient({ ...place, ca: null, currentPassword, prefix: "t:", log: silentLog });
}
const issue = async () =>
  redisViewerSessions(client)
    .apply(sessionNamed("ada"), create({ limit: 1_000 }))
    .then(
      ({ answer }) => answer,
      ({ code }: { code: string }) => code,
    );
const isServed = () => until(async () => (await issue()) === "issued");
/** Another password from now on, and whoever had come in by the old one is out. */
async function rotate(): Promise<void> {
  await redis.admin.acl("SETUSER", "edge", "resetpass", ">second");
  await redis.admin.call("CLIENT", "KILL", "USER", "edge");
}

describe("a password for Redis that is changed while rig runs", () => {
  it.each([
    ["one server", [], ""],
    ["a cluster", ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"], "?cluster=true"],
  ])("is read again when %s hangs up, also where it is written only later", async (_what, args, query) => {
    redis = await startRedis({ args });
    if (query !== "") await redis.admin.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_383);
    await open(query);
    await isServed();

    await rotate();
    const without = await until(async () => {
      const came = await issue();
      return came !== "issued" && came;
    });
    written = "second";

    expect(["REDIS_UNREACHABLE", "REDIS_AMBIGUOUS"]).toContain(without);
    await isServed();
  });
});
