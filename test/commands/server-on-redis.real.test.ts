import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LoneRole, startLoneRole } from "../support/lone-role.ts";
import { type RealRedis, redisBinary, startRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

const PASSWORD = "canary-p4ss%word";

describe("rig server --only tokens on Redis", () => {
  const roles: LoneRole[] = [];
  let redis: RealRedis;

  beforeAll(async () => {
    if (redisBinary() === null) return;
    redis = await startRedis({ args: ["--requirepass", PASSWORD], admin: { password: PASSWORD } });
  });
  afterAll(async () => {
    await redis?.stop();
  });
  beforeEach((context) => {
    if (redisBinary() === null) context.skip();
  });
  afterEach(async () => {
    await Promise.all(roles.splice(0).map((role) => role.stop()));
  });

  const start = (env: Record<string, string>) => {
    const role = startLoneRole(["server", "--only", "tokens"], { STREAM_SERVICE_PORT: "0", ...env });
    roles.push(role);
    return role;
  };
  const urlOf = async (role: LoneRole) =>
    (await role.logged<{ streamService: string }>("stream service serves")).streamService;
  const open = async (url: string, session: string, token?: string) => {
    const headers = { "X-Stream-Session": session, ...(token && { "X-Stream-Token": token }) };
    const answer = await fetch(`${url}/streams`, { headers });
    return { status: answer.status, body: (await answer.json()) as { token?: string; errors?: { code: number }[] } };
  };

  it("serves viewers with nothing but a Redis, two servers under one limit", async () => {
    const byUrl = start({ REDIS_URL: `redis://:${encodeURIComponent(PASSWORD)}@${redis.endpoint}` });
    const byHost = start({ REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port), REDIS_PASSWORD: PASSWORD });
    const urls = await Promise.all([byUrl, byHost].map(urlOf));
    const facts = await byUrl.logged<{ viewerServer: string }>("stream service serves");
    for (const url of urls) await until(async () => (await fetch(`${url}/readyz`)).status === 200);

    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => open(urls[i % 2]!, "ada")));

    const issued = answers.flatMap(({ body }) => body.token ?? []);
    expect(new Set(issued).size).toBe(3);
    expect(answers.filter(({ body }) => body.errors?.[0]?.code === 2)).toHaveLength(5);
    expect(await open(urls[1]!, "ada", issued[0])).toMatchObject({ status: 200, body: { token: issued[0] } });
    expect(facts).toMatchObject({ store: `redis at ${redis.endpoint}`, tokenLimit: 3 });
    expect(facts.viewerServer).toMatch(new RegExp(`:${byUrl.child.pid}:[0-9A-Z]{6}$`));
    for (const role of [byUrl, byHost]) expect(await role.stop()).toBe(0);
  });

  it("gives no token while Redis is away, says so, and recovers by itself", async () => {
    const role = start({ REDIS_URL: `redis://:${encodeURIComponent(PASSWORD)}@${redis.endpoint}` });
    const url = await urlOf(role);
    await until(async () => (await open(url, "bob")).status === 200);

    await redis.kill();
    const refused = await open(url, "bob");
    expect(refused).toMatchObject({ status: 500, body: { errors: [{ code: 0 }] } });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await redis.start();
    await until(async () => (await open(url, "bob")).status === 200);

    await role.logged("redis is away");
    await role.logged("redis is back");
    const failed = await role.logged<object>("viewer tokens fail");
    expect(failed).toMatchObject({
      level: "error",
      hint: expect.stringContaining(`Check that Redis runs at ${redis.endpoint}`),
    });
    expect(failed).not.toHaveProperty("err");
    await until(async () => (await open(url, "bob")) && role.output().includes("viewer tokens work again"));
    expect(role.output()).not.toContain("canary");
  });

  it("tells no password where it is the wrong one", async () => {
    const role = start({ REDIS_URL: `redis://:canary-wrong@${redis.endpoint}` });
    const url = await urlOf(role);

    await role.logged("redis is away");
    expect((await open(url, "eve")).status).toBe(500);
    expect(await role.logged("viewer tokens fail")).toMatchObject({
      reason: expect.stringContaining("WRONGPASS"),
      hint: expect.stringContaining("REDIS_PASSWORD_FILE"),
    });
    expect(await role.stop()).toBe(0);
    expect(role.output()).not.toContain("canary");
  });

  it("does not start with a setting that cannot be meant", async () => {
    const both = start({ REDIS_HOST: "127.0.0.1", REDIS_URL: "redis://127.0.0.1" });
    const bad = start({ REDIS_URL: "http://:canary@127.0.0.1" });

    expect(await Promise.all([both.ended, bad.ended])).toEqual([2, 2]);
    expect(both.output()).toContain("redisHost and redisUrl are both set");
    expect(bad.output()).toContain("redisUrl must be redis://");
    expect(bad.output()).not.toContain("canary");
  });
});
