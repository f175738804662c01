import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEtcdFlags } from "../../src/context/etcd-flags.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openTlsFolder } from "../../src/runtime/tls/tls-folder.ts";

const DAY_MS = 86_400_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-etcd-flags-"));
  const tls = await openTlsFolder(folder, systemClock);
  await tls.credentialFor({ kind: "server", name: "a", hosts: ["127.0.0.1"] });
  await tls.credentialFor({ kind: "server", name: "b", hosts: ["127.0.0.1"] });
  await writeFile(join(folder, "text.pem"), "no PEM at all");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (listen: string, { cert, key, ca }: Record<string, string> = {}, now = systemClock.now()) => {
  const path = (name: string | undefined) => (name === undefined ? undefined : join(folder, name));
  return readEtcdFlags({ listen, cert: path(cert), key: path(key), ca: path(ca) }, now);
};
const TLS = { cert: "server-a.pem", key: "server-a.key", ca: "ca.pem" };

describe("the address of `rig etcd`", () => {
  it.each([
    ["127.0.0.1:2379", "127.0.0.1", 2379],
    ["localhost:0", "localhost", 0],
    ["[::1]:65535", "::1", 65_535],
  ])("%s is served without TLS", async (listen, host, port) => {
    expect(await read(listen)).toEqual({ host, port, tls: null });
  });

  it.each(["2379", ":2379", "127.0.0.1", "127.0.0.1:65536", "::1:2379", "[127.0.0.1]:1", "example.org:1", "a b:1", ""])(
    "%j is refused, with what is allowed",
    async (listen) => {
      await expect(read(listen)).rejects.toMatchObject({
        code: "INVALID_SETTING",
        message: `--listen must be HOST:PORT, got ${JSON.stringify(listen)}`,
      });
    },
  );

  it.each(["0.0.0.0:2379", "192.0.2.1:2379", "[::]:2379"])("%s asks for all three files", async (listen) => {
    const { ca: _, ...without } = TLS;

    await expect(read(listen)).rejects.toMatchObject({ message: expect.stringContaining("is not loopback") });
    await expect(read(listen, without)).rejects.toMatchObject({ message: expect.stringContaining("is not loopback") });
    expect((await read(listen, TLS)).tls?.ca).toContain("BEGIN CERTIFICATE");
  });
});

describe("the certificate of `rig etcd`", () => {
  it.each([
    ["no key", { cert: "server-a.pem" }, "--key is missing"],
    ["no certificate", { key: "server-a.key" }, "--cert is missing"],
    ["a CA alone", { ca: "ca.pem" }, "--cert is missing"],
    ["a file that is not there", { ...TLS, ca: "none.pem" }, "--ca cannot be read from"],
    ["another certificate's key", { ...TLS, key: "server-b.key" }, "cannot be used"],
    ["a text", { ...TLS, cert: "text.pem" }, "cannot be used"],
  ])("is refused with %s", async (_what, files, words) => {
    await expect(read("127.0.0.1:1", files)).rejects.toMatchObject({
      code: "INVALID_SETTING",
      message: expect.stringContaining(words),
    });
  });

  it("is refused once it has expired", async () => {
    await expect(read("127.0.0.1:1", TLS, systemClock.now() + 20 * 365 * DAY_MS)).rejects.toMatchObject({
      message: expect.stringContaining("expired at"),
    });
  });
});
