import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiClient, type ApiClientOptions, apiClient } from "../../src/api/client.ts";
import type { Log } from "../../src/domain/log.ts";
import { Secret } from "../../src/domain/secret.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { Probe } from "../../src/runtime/http/health.ts";
import type { TlsIdentity } from "../../src/runtime/tls/credential.ts";
import { openTlsFolder } from "../../src/runtime/tls/tls-folder.ts";
import { hashOfToken } from "../../src/server/operator-tokens.ts";
import { type ServerUrls, serverRole } from "../../src/server/server-role.ts";
import type { ServerServices } from "../../src/server/server-services.ts";
import { silentLog } from "../support/silent-log.ts";

export const OPERATOR_TOKEN = new Secret("operator-token-of-the-test");

/** Certificates of one CA, and one agent's of a foreign CA. */
export interface TestIdentities {
  readonly server: TlsIdentity;
  readonly agent: TlsIdentity;
  readonly foreignAgent: TlsIdentity;
  remove(): Promise<void>;
}

export async function testIdentities(): Promise<TestIdentities> {
  const folder = await mkdtemp(join(tmpdir(), "rig-server-"));
  const own = await openTlsFolder(join(folder, "own"), systemClock);
  const foreign = await openTlsFolder(join(folder, "foreign"), systemClock);
  const agent = { kind: "agent", name: "edge-1", hosts: [] } as const;
  return {
    server: await own.credentialFor({ kind: "server", name: "server", hosts: ["127.0.0.1", "localhost"] }),
    agent: await own.credentialFor(agent),
    foreignAgent: await foreign.credentialFor(agent),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

interface RunningServer extends ServerUrls {
  /** A client that trusts the server's CA; closed with the server. */
  client(as?: Partial<ApiClientOptions>): ApiClient;
  /** Aborts the role and waits until it has ended. */
  stop(): Promise<void>;
  /** As stop, but only begins. */
  readonly ended: Promise<void>;
  abort(): void;
}

export async function runServer(
  services: ServerServices,
  tls: TlsIdentity,
  options: { probes?: readonly Probe[]; log?: Log; graceMs?: number } = {},
): Promise<RunningServer> {
  const { probes = [], log = silentLog, graceMs = 5_000 } = options;
  const stop = new AbortController();
  const clients: ApiClient[] = [];
  const role = serverRole(services, {
    api: { host: "127.0.0.1", port: 0 },
    streamService: { host: "127.0.0.1", port: 0, tls: null, isTrusted: () => true },
    tls,
    operatorTokens: [{ name: "rig-up", sha256: hashOfToken(OPERATOR_TOKEN) }],
    probes,
    clock: systemClock,
    log,
    newRequestId: () => "REQ1",
    graceMs,
  });
  let ended: Promise<void> = Promise.resolve();
  const urls = await new Promise<ServerUrls>((ready, fail) => {
    ended = role.run(stop.signal, ready);
    ended.catch(fail);
  });
  return {
    ...urls,
    ended,
    abort: () => stop.abort(),
    client(as = {}) {
      const client = apiClient({ baseUrl: urls.api, ca: tls.ca, clock: systemClock, ...as });
      clients.push(client);
      return client;
    },
    async stop() {
      stop.abort();
      await ended;
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
