import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { etcdPlace } from "../../src/context/places.ts";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { type EtcdCluster, startEtcdCluster } from "../support/etcd.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type EtcdTls, etcdTls } from "../support/etcd-tls.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { create } from "../support/held-etcd.ts";
import { startLoneRole } from "../support/lone-role.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();
const DEADLINE_MS = 2_500;
const SLACK_MS = 10_000; // of a busy machine

describe("a cluster that asks its clients for certificates", () => {
  let tls: EtcdTls;
  let cluster: EtcdCluster | null = null;
  let own: Record<string, string>;
  beforeAll(async () => {
    tls = await etcdTls();
    const flags = tls.flags(await tls.server(["127.0.0.1"]));
    cluster = await startEtcdCluster(3, flags, { isSecured: true });
    own = { ...pair(await tls.client()), ETCD_CA: tls.ca(), ETCD_ENDPOINTS: cluster?.endpoints.join(",") ?? "" };
  });
  afterAll(async () => {
    await cluster?.stop();
    await tls.remove();
  });
  beforeEach((context) => {
    if (!cluster) context.skip();
  });

  const pair = ({ cert, key }: { cert: string; key: string }) => ({ ETCD_CERT: cert, ETCD_KEY: key });

  /** A client as every role and command makes its own out of the settings. */
  async function clientOf(env: Record<string, string>): Promise<Etcd> {
    const { settings } = await loadSettings({ env, cwd: tls.folder });
    return world.client(etcdClient({ ...(await etcdPlace(settings)), prefix: etcdPrefix() }));
  }

  const put = (etcd: Etcd, name: string) => etcd.commit(create(`${etcd.keys.prefix}${name}`, "v"));

  it("is reached by ETCD_CA, ETCD_CERT and ETCD_KEY, also with one member gone", async () => {
    const etcd = await clientOf(own);
    const lease = await world.lease(etcd);
    const before = await put(etcd, "before");

    await cluster?.members[0]?.kill();
    const after = await until(() => put(etcd, "after").catch(() => false), { limitMs: 20_000 });
    cluster?.members[0]?.start();
    await cluster?.members[0]?.healthy(); // the next tests ask any of the three

    expect([before, after]).toEqual([true, true]);
    await until(() => lease.isSure());
  });

  /** A server with an expired certificate, which no client gets past. */
  async function expiredEndpoint(): Promise<{ endpoint: string; close: () => Promise<void> }> {
    const { cert, key } = await tls.server(["127.0.0.1"], { expired: true });
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key), ALPNProtocols: ["h2"] });
    server.on("tlsClientError", () => {});
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    return {
      endpoint: `127.0.0.1:${port}`,
      close: () => new Promise<void>((closed) => server.close(() => closed())),
    };
  }

  it.each([
    ["another CA is named", () => ({ ETCD_CA: tls.ca("foreign") }), "certificate is not trusted", "ETCD_CA"],
    ["rig has no certificate", () => ({ ETCD_CERT: "", ETCD_KEY: "" }), "refuses rig's certificate", "ETCD_CERT"],
    [
      "rig's certificate is of another CA",
      async () => pair(await tls.client({ issuer: "foreign" })),
      "refuses rig's certificate",
      "ETCD_CERT",
    ],
    [
      "its certificate names another host",
      () => ({ ETCD_ENDPOINTS: (own.ETCD_ENDPOINTS ?? "").replaceAll("127.0.0.1", "localhost") }),
      "certificate is for another host",
      "ETCD_ENDPOINTS",
    ],
    ["it is asked without TLS", () => ({ ETCD_CA: "", ETCD_CERT: "", ETCD_KEY: "" }), "etcd hangs up", "ETCD_CA"],
  ])("is out of reach at once where %s, and the setting is named", async (_, change, says, setting) => {
    const etcd = await clientOf({ ...own, ...(await change()) });
    const startedAt = performance.now();

    const errors = [
      await etcd.get(etcd.keys.agent("a")).catch((error: unknown) => error),
      await put(etcd, "k").catch((error: unknown) => error),
    ];

    expect(performance.now() - startedAt).toBeLessThan(2 * DEADLINE_MS + SLACK_MS);
    for (const error of errors) {
      expect(error).toMatchObject({
        code: "ETCD_UNREACHABLE",
        message: expect.stringContaining(says),
        hint: expect.stringContaining(setting),
      });
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("PRIVATE KEY");
    }
  });

  it("is said to have an expired certificate where that is so", async () => {
    const { endpoint, close } = await expiredEndpoint();
    const etcd = await clientOf({ ...own, ETCD_ENDPOINTS: endpoint });

    const refusal = await put(etcd, "k").catch((error: unknown) => error);
    await etcd.close();
    await close();

    expect(refusal).toMatchObject({ code: "ETCD_UNREACHABLE", message: expect.stringContaining("has expired") });
  });

  it("ends a role at its start where it refuses the certificate, in two lines that name the setting", async () => {
    const { cert, key } = await tls.client();
    const role = startLoneRole(["agent"], {
      ...own,
      ...pair(await tls.client({ issuer: "foreign" })),
      ...{ TLS_CERT: cert, TLS_KEY: key, TLS_CA: tls.ca(), SERVER_URL: "https://127.0.0.1:1", RIG_DATA: tls.folder },
    });

    expect(await role.ended).toBe(6);
    expect(role.output()).toMatch(/etcd refuses rig's certificate\n.*Check ETCD_CERT and ETCD_KEY/);
  });
});
