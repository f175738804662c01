import { X509Certificate } from "node:crypto";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentIdOf } from "../../../src/runtime/tls/agent-identity.ts";
import { faultOf, isDueForRenewal } from "../../../src/runtime/tls/credential.ts";
import { openTlsFolder } from "../../../src/runtime/tls/tls-folder.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const START = Date.UTC(2026, 0, 1);
const at = (days: number) => ({ now: () => START + days * DAY_MS });
const server = { kind: "server", name: "server", hosts: ["localhost", "127.0.0.1", "::1"] } as const;
const agent = { kind: "agent", name: "edge-1", hosts: [] } as const;

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "rig-tls-")), "tls");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

describe("openTlsFolder", () => {
  it("keeps every file to its owner, and leaves none half-written", async () => {
    const tls = await openTlsFolder(folder, at(0));
    await tls.credentialFor(server);

    expect((await readdir(folder)).sort()).toEqual(["ca.key", "ca.pem", "server-server.key", "server-server.pem"]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it("issues a server certificate that names its hosts and cannot pass as an agent", async () => {
    const { certificate } = await (await openTlsFolder(folder, at(0))).credentialFor(server);

    const parsed = new X509Certificate(certificate);
    expect(parsed.checkHost("localhost")).toBe("localhost");
    expect(parsed.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(parsed.checkIP("::1")).toBe("::1");
    expect(parsed.checkHost("elsewhere")).toBeUndefined();
    expect(parsed.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(agentIdOf(parsed)).toBeNull();
  });

  it("issues an agent certificate that says whose it is and cannot pass as a server", async () => {
    const { certificate } = await (await openTlsFolder(folder, at(0))).credentialFor(agent);

    const parsed = new X509Certificate(certificate);
    expect(agentIdOf(parsed)).toBe("edge-1");
    expect(parsed.subject).toBe("CN=edge-1");
    expect(parsed.subjectAltName).toBe("URI:rig:agent:edge-1");
    expect(parsed.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it("finds the same CA and credentials at the next start", async () => {
    const first = await (await openTlsFolder(folder, at(0))).credentialFor(server);
    const second = await (await openTlsFolder(folder, at(1))).credentialFor(server);

    expect(second.certificate).toBe(first.certificate);
    expect(second.ca).toBe(first.ca);
    expect(second.privateKey.open()).toBe(first.privateKey.open());
  });

  it.each([
    ["two thirds of its life before", 264, true],
    ["in its last third", 265, false],
    ["after its end", 400, false],
  ])("renews a certificate by age: %s", async (_when, days, same) => {
    const first = await (await openTlsFolder(folder, at(0))).credentialFor(server);
    const later = await (await openTlsFolder(folder, at(days))).credentialFor(server);

    expect(later.certificate === first.certificate).toBe(same);
    expect(isDueForRenewal(later.certificate, at(days))).toBe(false);
  });

  it("issues anew for a host that the certificate does not name", async () => {
    const tls = await openTlsFolder(folder, at(0));
    const first = await tls.credentialFor(server);
    const wider = await tls.credentialFor({ ...server, hosts: [...server.hosts, "rig.example"] });

    expect(wider.certificate).not.toBe(first.certificate);
    expect(new X509Certificate(wider.certificate).checkHost("rig.example")).toBe("rig.example");
  });

  it("issues anew where a crash left a key without its certificate", async () => {
    const first = await (await openTlsFolder(folder, at(0))).credentialFor(server);
    const other = await (await openTlsFolder(folder, at(0))).credentialFor(agent);
    await writeFile(join(folder, "server-server.key"), other.privateKey.open());

    const again = await (await openTlsFolder(folder, at(0))).credentialFor(server);

    expect(again.certificate).not.toBe(first.certificate);
    expect(faultOf(again, again.ca, at(0))).toBeNull();
  });

  it("begins anew where the first run died before the CA's certificate was written", async () => {
    await openTlsFolder(folder, at(0));
    await rm(join(folder, "ca.pem"));

    const { certificate, privateKey, ca } = await (await openTlsFolder(folder, at(0))).credentialFor(server);

    expect(faultOf({ certificate, privateKey }, ca, at(0))).toBeNull();
  });

  it.each([
    ["a lost key", () => rm(join(folder, "ca.key"))],
    ["a garbled certificate", () => writeFile(join(folder, "ca.pem"), "nonsense")],
  ])("refuses a CA with %s instead of replacing it", async (_what, damage) => {
    await openTlsFolder(folder, at(0));
    await damage();

    await expect(openTlsFolder(folder, at(0))).rejects.toMatchObject({ code: "DATA_FOLDER" });
  });

  it("says which path it cannot write", async () => {
    const tls = await openTlsFolder(folder, at(0));
    await rm(folder, { recursive: true });
    const gone = tls.credentialFor(server);

    await expect(gone).rejects.toMatchObject({
      code: "DATA_FOLDER",
      message: `${join(folder, "server-server.key")} cannot be written`,
    });
    await writeFile(folder, "a file");
    await expect(openTlsFolder(folder, at(0))).rejects.toMatchObject({ code: "DATA_FOLDER" });
  });

  it.each(["../up", "a/b", "", "a b", "x,URI:rig:agent:y"])("refuses the agent id %j", async (name) => {
    const tls = await openTlsFolder(folder, at(0));

    await expect(tls.credentialFor({ kind: "agent", name, hosts: [] })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  it("refuses a host that cannot stand in a certificate", async () => {
    const tls = await openTlsFolder(folder, at(0));

    await expect(tls.credentialFor({ ...server, hosts: ["http://x/"] })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      faults: [{ field: "hosts" }],
    });
  });
});

describe("faultOf", () => {
  it("names what is wrong with a credential", async () => {
    const { ca, ...own } = await (await openTlsFolder(folder, at(0))).credentialFor(server);
    const foreign = await (await openTlsFolder(join(folder, "other"), at(0))).credentialFor(server);

    expect(faultOf(own, ca, at(0))).toBeNull();
    expect(faultOf(own, foreign.ca, at(0))).toBe("it was issued by another CA");
    expect(faultOf({ ...own, privateKey: foreign.privateKey }, ca, at(0))).toBe(
      "the private key is not the certificate's",
    );
    expect(faultOf({ ...own, certificate: "" }, ca, at(0))).toBe("the certificate cannot be read");
    expect(faultOf(own, ca, at(397))).toBe("it expired at 2027-02-02T00:00:00.000Z");
    expect(faultOf(own, ca, at(-1))).toBe("it is not valid before 2025-12-31T23:55:00.000Z");
  });
});
