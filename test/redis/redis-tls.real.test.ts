import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RedisClient } from "../../src/redis/client.ts";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import { create, sessionNamed } from "../services/viewer-store-contract.ts";
import { type EtcdTls, etcdTls } from "../support/etcd-tls.ts";
import { freePort } from "../support/free-port.ts";
import { type RealRedis, redisBinary, startRedis } from "../support/redis.ts";
import { clientOf } from "../support/redis-world.ts";
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
