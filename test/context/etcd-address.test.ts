import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { configuredEtcd } from "../../src/context/etcd-address.ts";
import { type EtcdTls, etcdTls } from "../support/etcd-tls.ts";

let tls: EtcdTls;
let files: Record<string, string>;
let expired: { cert: string; key: string };

beforeAll(async () => {
  tls = await etcdTls();
  const { cert, key } = await tls.client();
  expired = await tls.client({ expired: true });
  files = { ETCD_CA: tls.ca(), ETCD_CERT: cert, ETCD_KEY: key };
  await writeFile(join(tls.folder, "noise.pem"), "no certificate");
});
afterAll(() => tls.remove());

async function address(env: Record<string, string>) {
  const { settings } = await loadSettings({
    env: { ETCD_ENDPOINTS: "etcd-1:2379,etcd-2:2379", ...env },
    cwd: tls.folder,
  });
  return configuredEtcd(settings);
}

describe("an etcd that the settings name", () => {
  it.each([
    ["as they stand there", "etcd-1:2379,http://etcd-2:2379/", {}, ["etcd-1:2379", "http://etcd-2:2379"]],
    [
      "all with TLS where one asks for it",
      "etcd-1:2379,https://etcd-2:2379",
      {},
      ["https://etcd-1:2379", "https://etcd-2:2379"],
    ],
    ["with TLS where a CA is named", "etcd-1:2379", "files", ["https://etcd-1:2379"]],
  ])("is reached at its endpoints %s", async (_, endpoints, given, expected) => {
    const env = given === "files" ? files : {};

    expect((await address({ ...env, ETCD_ENDPOINTS: endpoints })).endpoints).toEqual(expected);
  });

  it.each([
    ["a certificate without its key", { ETCD_KEY: "" }, "etcdKey is not set, and etcdCert is"],
    ["a key without its certificate", { ETCD_CERT: "" }, "etcdCert is not set, and etcdKey is"],
    ["a certificate without a CA", { ETCD_CA: "" }, "etcdCa is not set, and etcdCert is"],
    ["a CA that is none", { ETCD_CA: "noise.pem" }, /^etcdCa: .*noise.pem holds no certificate$/],
    [
      "a certificate that is none",
      { ETCD_CERT: "noise.pem" },
      /^etcdCert: .*noise.pem cannot be used: the certificate/,
    ],
    ["a file that is not there", { ETCD_CERT: "gone.pem" }, /^etcdCert: .*gone.pem cannot be read: ENOENT$/],
    ["a plain endpoint", { ETCD_ENDPOINTS: "http://etcd-1:2379" }, "etcdEndpoints: http://etcd-1:2379 is without TLS"],
    ["a user without a password", { ETCD_USER: "edge" }, "etcdPassword is not set, and etcdUser is"],
    ["a password without a user", { ETCD_PASSWORD: "pw" }, "etcdUser is not set, and etcdPassword is"],
  ])("is refused with %s", async (_, change, message) => {
    await expect(address({ ...files, ...change })).rejects.toMatchObject({
      code: "INVALID_SETTING",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("Set ETCD_"),
    });
  });

  it.each([
    ["has expired", () => ({ ETCD_CERT: expired.cert, ETCD_KEY: expired.key }), "it expired at 20"],
    ["has another key", () => ({ ETCD_KEY: expired.key }), "the private key is not the certificate's"],
  ])("is refused with a certificate that %s", async (_, change, message) => {
    await expect(address({ ...files, ...change() })).rejects.toThrow(message);
  });
});

describe("the password of ETCD_PASSWORD_FILE", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rig-password-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is read again at each sign-in, and kept while the file is gone", async () => {
    const path = join(folder, "password");
    const env = { ETCD_ENDPOINTS: "etcd:2379", ETCD_USER: "edge", ETCD_PASSWORD_FILE: path };
    await writeFile(path, "first\n");
    const { settings } = await loadSettings({ env, cwd: folder });
    const { user } = await configuredEtcd(settings, env);

    const first = await user?.password();
    await writeFile(path, "second\n");
    const second = await user?.password();
    await rm(path);
    const third = await user?.password();

    expect([first, second, third].map((password) => password?.open())).toEqual(["first", "second", "first"]);
  });

  it("is the setting's where it came from elsewhere", async () => {
    const env = { ETCD_ENDPOINTS: "etcd:2379", ETCD_USER: "edge", ETCD_PASSWORD: "plain" };
    const { settings } = await loadSettings({ env, cwd: folder });

    expect((await (await configuredEtcd(settings, env)).user?.password())?.open()).toBe("plain");
  });
});
