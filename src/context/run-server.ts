import type { Settings } from "../config/settings.ts";
import type { Database } from "../db/database.ts";
import type { Log } from "../domain/log.ts";
import type { Secret } from "../domain/secret.ts";
import { systemClock } from "../runtime/clock.ts";
import { systemIds } from "../runtime/ids.ts";
import type { TlsIdentity } from "../runtime/tls/credential.ts";
import { hashOfToken } from "../server/operator-tokens.ts";
import { type ServerUrls, serverRole } from "../server/server-role.ts";
import type { Coordination } from "./coordination.ts";
import { type RunningRole, startRole } from "./running-role.ts";
import { serveAndSweep } from "./viewer-sweep.ts";
import { etcdProbe, viewerTokensIn } from "./viewer-tokens.ts";
import { wireServices } from "./wire-services.ts";

interface ServerPlaces {
  readonly database: Database;
  readonly coordination: Coordination;
  readonly sealKeys: Secret;
  readonly operatorToken: Secret | null;
  readonly tls: TlsIdentity;
  readonly settings: Settings;
  readonly log: Log;
}

/** Starts the server: HTTPS API and stream service; resolves when it listens. */
export function startServer(places: ServerPlaces): Promise<RunningRole<ServerUrls>> {
  const { database, coordination, operatorToken, settings, log, tls } = places;
  const { etcd } = coordination;
  const services = {
    ...wireServices(places),
    agents: coordination.registry,
    viewerTokens: viewerTokensIn(etcd, settings),
  };
  const role = serverRole(services, {
    api: { host: settings.serverHost, port: settings.serverPort },
    streamService: { host: "127.0.0.1", port: settings.streamServicePort },
    tls,
    operatorTokens: operatorToken === null ? [] : [{ name: "operator", sha256: hashOfToken(operatorToken) }],
    probes: [{ name: "postgresql", check: async () => void (await database.query("select 1")) }, etcdProbe(etcd)],
    clock: systemClock,
    log,
    newRequestId: systemIds.ulid,
  });
  return startRole<ServerUrls>("server", (ready, signal) =>
    serveAndSweep({ etcd, settings, log }, () => role.run(signal, ready)),
  );
}
