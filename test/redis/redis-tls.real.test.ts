import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { configuredRedis } from "../../src/context/redis-address.ts";
import { type RedisClient, redisClient } from "../../src/redis/client.ts";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import { create, sessionNamed } from "../services/viewer-store-contract.ts";
import { type EtcdTls, etcdTls } from "../support/etcd-tls.ts";
import { freePort } from "../support/free-port.ts";
import { type RealRedis, redisBinary, startRedis } from "../support/redis.ts";
import { clientOf } from "../support/redis-world.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";

describe("Redis behind TLS", () => {
  let [redis, tls]: [RealRedis | null, EtcdTls | null] = [null, null];
  let url: string;

  beforeAll(async () => {
    if (redisBinary() === null) return;
    tls = await etcdTls();
    const [port, { cert, key }] = [await freePort(), await tls.server(["localhost"])];
    const files = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", tls.ca()];
    redis = await startRedis({ args: ["--tls-port", String(port), "--tls-auth-clients", "no", ...files] });
    await redis.admin.acl("SETUSER", "rig", "on", ">canary", "~rig:*", "+@all", "-@admin", "-@dangerous", "+info");
    url = `rediss://rig:canary@localhost:${port}`;
  });
  afterAll(async () => {
    await redis?.stop();
    await tls?.remove();
  });
  beforeEach((context) => {
    if (redis === null) context.skip();
  });
  const ca = (issuer: "own" | "foreign") => readFile(tls?.ca(issuer) ?? "", "utf8");
  const issue = (client: RedisClient) => redisViewerSessions(client).apply(sessionNamed("ada"), create());

  it("serves a user who may no more than rig needs, where its certificate is by the CA", async () => {
    const client = clientOf(url, "rig:", await ca("own"));

    const { answer } = await until(() => issue(client).catch(() => null));

    expect(answer).toBe("issued");
    await client.close();
  });

  it("is told no password where its certificate is by another CA", async () => {
    const client = clientOf(url, "rig:", await ca("foreign"));

    await expect(issue(client)).rejects.toMatchObject({ code: "REDIS_UNREACHABLE" });
    await expect(issue(client)).rejects.not.toThrow(/canary/);
    await client.close();
  });
});

describe("Redis that asks its clients for a certificate", () => {
  let [redis, tls]: [RealRedis | null, EtcdTls | null] = [null, null];
  let url: string;

  beforeAll(async () => {
    if (redisBinary() === null) return;
    tls = await etcdTls();
    const [port, { cert, key }] = [await freePort(), await tls.server(["localhost"])];
    const files = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", tls.ca()];
    redis = await startRedis({ args: ["--tls-port", String(port), "--tls-auth-clients", "yes", ...files] });
    url = `rediss://localhost:${port}`;
  });
  afterAll(async () => {
    await redis?.stop();
    await tls?.remove();
  });
  beforeEach((context) => {
    if (redis === null) context.skip();
  });

  /** What rig reaches it with, as operators set it. */
  async function open(files: Record<string, string>): Promise<RedisClient> {
    const env = { REDIS_URL: url, REDIS_CA: tls?.ca() ?? "", ...files };
    const { settings } = await loadSettings({ env, cwd: tls?.folder ?? "" });
    const address = await configuredRedis(settings, env);
    if (!address) throw new Error("no Redis is set");
    return redisClient({ ...address, prefix: "rig:", log: silentLog });
  }
  const pairOf = async (issuer: "own" | "foreign") => {
    const { cert = "", key = "" } = (await tls?.client({ issuer })) ?? {};
    return { REDIS_CERT: cert, REDIS_KEY: key };
  };
  const issue = (client: RedisClient) => redisViewerSessions(client).apply(sessionNamed("ada"), create());

  it("serves rig by REDIS_CERT and REDIS_KEY", async () => {
    const client = await open(await pairOf("own"));

    const { answer } = await until(() => issue(client).catch(() => null));

    expect(answer).toBe("issued");
    await client.close();
  });

  it("does not where there is none, nor one by another CA", async () => {
    const clients = [await open({}), await open(await pairOf("foreign"))];

    const refused = await Promise.allSettled(clients.map(issue));

    for (const each of refused)
      expect(each).toMatchObject({ status: "rejected", reason: { code: expect.stringMatching(/^REDIS_/) } });
    await Promise.all(clients.map((client) => client.close()));
  });
});
