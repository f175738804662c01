import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { loneStreamPlace } from "../../src/context/stream-service-place.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openTlsFolder } from "../../src/runtime/tls/tls-folder.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-stream-place-"));
  const tls = await openTlsFolder(folder, systemClock);
  for (const name of ["a", "b"]) await tls.credentialFor({ kind: "server", name, hosts: ["127.0.0.1"] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const placeOf = async (env: Record<string, string>) =>
  loneStreamPlace((await loadSettings({ env, cwd: folder })).settings);
const OPEN = { STREAM_SERVICE_HOST: "0.0.0.0" };

describe("where the stream service listens alone", () => {
  it.each(["127.0.0.1", "localhost", "::1"])("is plain on %s", async (host) => {
    expect(await placeOf({ STREAM_SERVICE_HOST: host })).toMatchObject({ host, port: 3000, tls: null });
  });

  it("is plain elsewhere for declared proxies and nobody else", async () => {
    const { tls, isTrusted } = await placeOf({ ...OPEN, STREAM_SERVICE_PROXIES: "10.0.0.0/8" });

    expect([tls, isTrusted("10.1.2.3"), isTrusted("11.1.2.3"), isTrusted("127.0.0.1")]).toEqual([
      null,
      true,
      false,
      true,
    ]);
  });

  it("is over TLS for everybody with a certificate, and needs no CA", async () => {
    const { tls, isTrusted } = await placeOf({ ...OPEN, TLS_CERT: "server-a.pem", TLS_KEY: "server-a.key" });

    expect(tls?.certificate).toContain("BEGIN CERTIFICATE");
    expect(tls?.ca).toBeUndefined();
    expect(isTrusted("203.0.113.1")).toBe(true);
  });

  it.each([
    ["on loopback", {}],
    ["elsewhere", OPEN],
    ["over TLS", { ...OPEN, TLS_CERT: "server-a.pem", TLS_KEY: "server-a.key" }],
  ])("knows of the proxies that are declared, %s", async (_where, env: Record<string, string>) => {
    expect((await placeOf({ ...env, STREAM_SERVICE_PROXIES: "127.0.0.1" })).isProxied).toBe(true);
    if (env !== OPEN) expect((await placeOf(env)).isProxied).toBe(false);
  });

  it.each([
    [OPEN, "streamServiceHost 0.0.0.0 is not loopback: there it takes no plain HTTP"],
    [{ STREAM_SERVICE_HOST: "::" }, "streamServiceHost :: is not loopback: there it takes no plain HTTP"],
    [{ TLS_CERT: "server-a.pem" }, "tlsKey is not set, and tlsCert is"],
    [{ TLS_KEY: "server-a.key" }, "tlsCert is not set, and tlsKey is"],
    [{ TLS_CERT: "server-a.pem", TLS_KEY: "server-b.key" }, "the private key is not the certificate's"],
    [{ TLS_CERT: "nowhere.pem", TLS_KEY: "server-b.key" }, "cannot be read"],
  ])("is refused with %j", async (env: Record<string, string>, words) => {
    await expect(placeOf(env)).rejects.toMatchObject({
      code: "INVALID_SETTING",
      message: expect.stringContaining(words),
    });
  });
});
