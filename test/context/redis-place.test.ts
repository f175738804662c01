import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { openViewers } from "../../src/context/open-viewers.ts";
import { redisAccess, redisPlace } from "../../src/context/redis-place.ts";
import { stateFile } from "../../src/runtime/state-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-redis-place-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const settingsWith = async (env: Record<string, string>) =>
  (await loadSettings({ env: { RIG_DATA: folder, ...env }, cwd: folder })).settings;

/** A platform that runs on the folder, started with these settings. */
async function runPlatform(env: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const redis = await redisAccess(await settingsWith(env));
  vi.unstubAllEnvs();
  await stateFile(folder).write({ etcd: { endpoints: ["http://127.0.0.1:2379"] }, redis });
}
const secretIn = async (name: string, text: string) => {
  await writeFile(join(folder, name), `${text}\n`);
  return join(folder, name);
};
const found = async (env: Record<string, string> = {}) => redisPlace(await settingsWith(env));
const here = { nodes: [{ host: "127.0.0.1", port: 63_790 }] };
const PLAIN = { REDIS_HOST: "127.0.0.1", REDIS_PORT: "63790" };

describe("where a command looks for viewer tokens", () => {
  it("is the Redis of the platform that runs here", async () => {
    await runPlatform(PLAIN);

    expect(await found()).toMatchObject({ ...here, user: null, password: null, isTls: false });
    expect(await found({ ETCD_ENDPOINTS: "127.0.0.1:2379" })).toMatchObject(here); // the platform's own
  });

  it.each([
    ["a Redis", { REDIS_HOST: "other" }, { nodes: [{ host: "other", port: 6379 }] }],
    ["another etcd", { ETCD_ENDPOINTS: "other:2379" }, null],
  ])("is %s that the settings name before that", async (_what, env, expected) => {
    await runPlatform(PLAIN);

    const address = await found(env);

    expect(address && { nodes: address.nodes }).toEqual(expected);
  });

  it.each([
    ["a platform that keeps them in etcd", async () => runPlatform({})],
    ["a platform of an earlier rig", () => stateFile(folder).write({ etcd: { endpoints: [] } })],
    ["no platform", async () => {}],
  ])("is no Redis with %s", async (_what, prepare) => {
    await prepare();

    expect(await found()).toBeNull();
  });

  it("is said where nothing names one and none runs", async () => {
    await expect(openViewers({ settings: await settingsWith({}) })).rejects.toMatchObject({
      code: "NOT_RUNNING",
      hint: expect.stringMatching(/REDIS_URL_FILE, REDIS_HOST or ETCD_ENDPOINTS/),
    });
  });
});

describe("the platform's password for Redis", () => {
  it.each([
    ["REDIS_PASSWORD_FILE", PLAIN, null, (password: string) => password],
    ["REDIS_URL_FILE", {}, "a:b", (password: string) => `redis://a%3Ab:${password}@127.0.0.1:63790/3`],
  ])("is read from its %s, again whenever it is asked for", async (variable, env, user, write) => {
    const path = await secretIn(variable, write("canary-1"));
    await runPlatform({ ...env, [variable]: path });

    const address = await found();
    await secretIn(variable, write("canary-2"));
    const renewed = await address?.currentPassword?.();
    await rm(path);
    const gone = await address?.currentPassword?.();

    expect(address).toMatchObject({ ...here, user });
    expect([address?.password, renewed, gone].map((each) => each?.open())).toEqual([
      ...["canary-1", "canary-2", "canary-1"],
    ]);
    expect(JSON.stringify(await stateFile(folder).read())).not.toContain("canary");
  });

  it("is asked for where it stands in no file", async () => {
    await runPlatform({ REDIS_URL: "redis://ada:canary@127.0.0.1:63790" });

    await expect(found()).rejects.toMatchObject({
      code: "INVALID_SETTING",
      message: "redisPassword is not set, and viewer tokens live in redis://127.0.0.1:63790",
      hint: expect.stringContaining("REDIS_PASSWORD_FILE"),
    });
    const address = await found({ REDIS_PASSWORD: "canary" });
    expect([address?.user, address?.password?.open()]).toEqual(["ada", "canary"]);
    expect(JSON.stringify(await stateFile(folder).read())).not.toContain("canary");
  });
});
