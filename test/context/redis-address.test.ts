import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { configuredRedis } from "../../src/context/redis-address.ts";
import { type EtcdTls, etcdTls } from "../support/etcd-tls.ts";

let tls: EtcdTls;
let files: Record<string, string>;
let expired: { cert: string; key: string };

beforeAll(async () => {
  tls = await etcdTls();
  const { cert, key } = await tls.client();
  expired = await tls.client({ expired: true });
  files = { REDIS_CA: tls.ca(), REDIS_CERT: cert, REDIS_KEY: key };
  await writeFile(join(tls.folder, "noise.pem"), "no certificate");
});
afterAll(() => tls.remove());

async function address(env: Record<string, string>) {
  const { settings } = await loadSettings({ env, cwd: tls.folder });
  return configuredRedis(settings, env);
}
const SECURE = { REDIS_URL: "rediss://redis-1" };

describe("a Redis that the settings name", () => {
  it("is none where they name none", async () => {
    expect(await address({ REDIS_PASSWORD: "pw" })).toBeNull();
  });

  it("is known by its CA, and knows rig by its certificate", async () => {
    const found = await address({ ...SECURE, ...files });

    expect(found?.ca).toContain("BEGIN CERTIFICATE");
    expect(found?.credential?.certificate).toContain("BEGIN CERTIFICATE");
    expect(found?.credential?.privateKey.open()).toContain("PRIVATE KEY");
  });

  it.each([
    ["with TLS and no file", SECURE, { isTls: true, ca: null }],
    ["without TLS", { REDIS_HOST: "redis-1" }, { isTls: false, ca: null, password: null }],
  ])("needs no certificate, %s", async (_what, env, expected) => {
    const found = await address(env);

    expect(found).toMatchObject(expected);
    expect(found?.credential).toBeUndefined();
  });

  it.each([
    ["a certificate without its key", { REDIS_KEY: "" }, "redisKey is not set, and redisCert is"],
    ["a key without its certificate", { REDIS_CERT: "" }, "redisCert is not set, and redisKey is"],
    ["what is no certificate", { REDIS_CERT: "noise.pem" }, /^redisCert: .*noise.pem cannot be used: the certificate/],
    ["a file that is not there", { REDIS_CERT: "gone.pem" }, /^redisCert: .*gone.pem cannot be read: ENOENT$/],
    ["a URL without TLS", { REDIS_URL: "redis://redis-1" }, "redisCa is set, and redisUrl has no TLS"],
    [
      "a host without TLS",
      { REDIS_URL: "", REDIS_HOST: "redis-1", REDIS_CA: "" },
      "redisCert is set, and redisUrl has no TLS",
    ],
    ["two places", { REDIS_HOST: "redis-1" }, "redisHost and redisUrl are both set"],
  ])("is refused with %s", async (_what, change, message) => {
    await expect(address({ ...SECURE, ...files, ...change })).rejects.toMatchObject({
      code: "INVALID_SETTING",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/^(Set|Write) /),
    });
  });

  it.each([
    ["has expired", () => ({ REDIS_CERT: expired.cert, REDIS_KEY: expired.key }), "it expired at 20"],
    ["has another key", () => ({ REDIS_KEY: expired.key }), "the private key is not the certificate's"],
  ])("is refused with a certificate that %s", async (_what, change, message) => {
    await expect(address({ ...SECURE, ...files, ...change() })).rejects.toThrow(message);
  });
});

describe("the password for Redis", () => {
  it.each([
    ["REDIS_PASSWORD_FILE", { REDIS_HOST: "redis-1" }, (password: string) => password],
    ["REDIS_URL_FILE", {}, (password: string) => `redis://edge:${password}@redis-1`],
  ])(
    "is read again from %s whenever it is asked for, and kept while the file is gone",
    async (variable, env, write) => {
      const path = join(tls.folder, variable);
      await writeFile(path, `${write("first")}\n`);
      const found = await address({ ...env, [variable]: path });

      const before = await found?.currentPassword?.();
      await writeFile(path, `${write("second")}\n`);
      const after = await found?.currentPassword?.();
      await rm(path);
      const gone = await found?.currentPassword?.();

      expect([found?.password, before, after, gone].map((password) => password?.open())).toEqual([
        ...["first", "first", "second", "first"],
      ]);
    },
  );

  it("is the one of the URL where there are two", async () => {
    const env = { REDIS_URL: "redis://:of-the-url@redis-1", REDIS_PASSWORD: "beside it" };

    const found = await address(env);

    expect([found?.password, await found?.currentPassword?.()].map((each) => each?.open())).toEqual([
      ...["of-the-url", "of-the-url"],
    ]);
  });
});
