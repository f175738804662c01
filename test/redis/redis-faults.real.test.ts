import { afterEach, describe, expect, it } from "vitest";
import type { ViewerAnswer } from "../../src/domain/viewer-operation.ts";
import type { RedisClient } from "../../src/redis/client.ts";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import type { ViewerSessionStore } from "../../src/services/viewer-session-store.ts";
import { create, list, sessionNamed } from "../services/viewer-store-contract.ts";
import { startRedis } from "../support/redis.ts";
import { redisWorld } from "../support/redis-world.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const ada = sessionNamed("ada");
const AWAY = ["REDIS_UNREACHABLE", "REDIS_AMBIGUOUS"];

/** What a create came to: `issued`, or the error's code; and how long it took. */
async function outcome(store: ViewerSessionStore): Promise<{ came: string; ms: number }> {
  const startedAt = performance.now();
  const came = await store.apply(ada, create({ limit: 1_000 })).then(
    ({ answer }: ViewerAnswer) => answer,
    ({ code }: { code: string }) => code,
  );
  return { came, ms: performance.now() - startedAt };
}

describe("a Redis that fails", () => {
  const world = redisWorld(startRedis);
  let proxy: TcpProxy | null = null;
  const proxied = async () => {
    proxy = await tcpProxy(world.redis.endpoint);
    return redisViewerSessions(world.client(`redis://${proxy.endpoint}`));
  };
  afterEach(async () => {
    await proxy?.close();
    proxy = null;
  });
  const warm = async (store: ViewerSessionStore) => until(async () => (await outcome(store)).came === "issued");

  it("is asked again where the connection is lost behind a request, and nothing is done twice", async () => {
    const store = await proxied();
    await warm(store);
    const mine = create({ limit: 1_000 });
    const before = (await store.apply(ada, list)).active.length;

    proxy?.freeze("answers");
    const answering = store.apply(ada, mine);
    await until(async () => (await redisViewerSessions(world.client()).apply(ada, list)).active.length > before);
    proxy?.cut();
    proxy?.mend();

    expect(await answering).toMatchObject({ answer: "issued", isRepeat: true, token: { tokenHash: mine.tokenHash } });
    expect((await store.apply(ada, list)).active).toHaveLength(before + 1);
  });

  it("is an error in time while it hangs, and never a token; then it serves again", async () => {
    const store = redisViewerSessions(world.client());
    await warm(store);

    world.redis.freeze();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(store)));
    world.redis.thaw();

    for (const { came } of outcomes) expect(AWAY).toContain(came);
    await warm(store);
  });

  it("serves again after a restart, with what it had", async () => {
    const store = redisViewerSessions(world.client());
    await warm(store);
    const before = (await store.apply(ada, list)).active;

    await world.redis.kill();
    expect(AWAY).toContain((await outcome(store)).came);
    await world.redis.start();
    await until(async () => (await outcome(store)).came === "issued");

    const after = (await store.apply(ada, list)).active.map(({ tokenHash }) => tokenHash);
    expect(after).toEqual(expect.arrayContaining(before.map(({ tokenHash }) => tokenHash)));
  });

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      "full",
      () => world.redis.admin.config("SET", "maxmemory", "1"),
      () => world.redis.admin.config("SET", "maxmemory", "0"),
    ],
    ["a replica", () => world.redis.admin.replicaof("127.0.0.1", "1"), () => world.redis.admin.replicaof("NO", "ONE")],
  ])("grants nothing while it is %s, and grants again by itself", async (_what, hinder, restore) => {
    const store = redisViewerSessions(world.client());
    await warm(store);

    await hinder();
    const { came } = await outcome(store).finally(restore);

    expect(AWAY).toContain(came);
    await warm(store);
  });

  it("grants nothing while another's script keeps it busy", async () => {
    const store = redisViewerSessions(world.client());
    const { admin } = world.redis;
    await warm(store);
    await admin.config("SET", "busy-reply-threshold", "10");

    const spinning = admin.eval("while true do end", 0).catch(() => null);
    await until(async () => AWAY.includes((await outcome(store)).came));
    const killer = admin.duplicate({ enableReadyCheck: false });
    await until(() => killer.script("KILL").catch(() => null));
    await spinning;
    killer.disconnect();

    await warm(store);
  });

  it.each<[string, (key: string, client: RedisClient) => Promise<unknown>]>([
    ["another type", (key) => world.redis.admin.lpush(key, "foreign")],
    ["no JSON", (key) => world.redis.admin.set(key, "foreign")],
    ["other JSON", (key) => world.redis.admin.set(key, '{"v":1,"t":[7]}')],
    ["another version", (key) => world.redis.admin.set(key, '{"v":2,"t":[]}')],
    ["a session that is broken", (key) => world.redis.admin.set(key, '{"v":1,"t":[["x",1,9000000000000]]}')],
  ])("grants nothing over a value of %s, and leaves other sessions alone", async (_what, write) => {
    const client = world.client();
    const store = redisViewerSessions(client);
    await warm(store);
    const session = sessionNamed("foreign");
    const key = client.keys.viewerSession(session.key);
    await write(key, client);

    const refused = { code: "INTERNAL", message: expect.stringContaining(key) };
    await expect(store.apply(session, create())).rejects.toMatchObject(refused);

    expect((await outcome(store)).came).toBe("issued");
  });

  it("knows its script again after SCRIPT FLUSH", async () => {
    const store = redisViewerSessions(world.client());
    await warm(store);

    await world.redis.admin.script("FLUSH");

    expect((await outcome(store)).came).toBe("issued");
  });

  it("refuses what waits when the client is closed, at once", async () => {
    const client = world.client();
    const store = redisViewerSessions(client);
    await warm(store);
    world.redis.freeze();
    const waiting = outcome(store);

    await client.close();
    world.redis.thaw();

    expect(AWAY).toContain((await waiting).came);
    expect((await outcome(store)).came).toBe("REDIS_UNREACHABLE");
  });
});
