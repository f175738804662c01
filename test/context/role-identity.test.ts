import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { agentOf, roleIdentity } from "../../src/context/role-identity.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openTlsFolder } from "../../src/runtime/tls/tls-folder.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-identity-"));
  const order = { name: "edge-1", hosts: ["127.0.0.1"] };
  for (const ca of ["own", "foreign"]) {
    const tls = await openTlsFolder(join(folder, ca), systemClock);
    await tls.credentialFor({ ...order, kind: "agent" });
    await tls.credentialFor({ ...order, kind: "server" });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts as an agent does. `cert` and `ca` are files of the folder. */
async function identify({ cert = "own/agent-edge-1", ca = "own/ca", ...others }: Record<string, string> = {}) {
  const env = {
    TLS_CERT: join(folder, `${cert}.pem`),
    TLS_KEY: join(folder, `${cert}.key`),
    TLS_CA: join(folder, `${ca}.pem`),
    ...others,
  };
  const { settings } = await loadSettings({ env, cwd: folder });
  return agentOf(await roleIdentity(settings, "the agent's certificate"), settings);
}

describe("the identity of an agent that runs alone", () => {
  it("is the one in its certificate, which AGENT_ID may repeat", async () => {
    expect(await identify()).toBe("edge-1");
    expect(await identify({ AGENT_ID: "edge-1" })).toBe("edge-1");
  });

  it.each([
    {
      what: "another id than the certificate's",
      given: { AGENT_ID: "edge-2" },
      says: "agentId must be edge-1, whose certificate this is, got edge-2",
    },
    { what: "a server's certificate", given: { cert: "own/server-edge-1" }, says: "is not an agent's certificate" },
    {
      what: "a certificate of another CA",
      given: { cert: "foreign/agent-edge-1" },
      says: "the agent's certificate cannot be used: it was issued by another CA",
    },
    {
      what: "a certificate that is not there",
      given: { cert: "own/agent-edge-9" },
      says: /^tlsCert: .*agent-edge-9.pem cannot be read: ENOENT$/,
    },
    {
      what: "another certificate's key",
      given: { TLS_KEY: "own/server-edge-1.key" },
      says: "the private key is not the certificate's",
    },
    { what: "a CA that is not there", given: { ca: "own/nothing" }, says: /^tlsCa: .* cannot be read: ENOENT$/ },
  ])("is refused with $what", async ({ given, says }) => {
    const refused = expect.objectContaining({ code: "INVALID_SETTING", message: expect.stringMatching(says) });
    await expect(identify(given)).rejects.toEqual(refused);
  });

  it.each(["TLS_CERT", "TLS_KEY", "TLS_CA"])("is refused without %s, which the error names", async (variable) => {
    await expect(identify({ [variable]: "" })).rejects.toMatchObject({
      code: "INVALID_SETTING",
      hint: expect.stringContaining(`Set ${variable};`),
    });
  });
});
