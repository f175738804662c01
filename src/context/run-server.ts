import type { Settings } from "../config/settings.ts";
import { auditWriter } from "../db/audit-writer.ts";
import type { Database } from "../db/database.ts";
import { userReader } from "../db/users.ts";
import type { Log } from "../domain/log.ts";
import type { Secret } from "../domain/secret.ts";
import { alongside } from "../runtime/alongside.ts";
import { systemClock } from "../runtime/clock.ts";
import { systemIds } from "../runtime/ids.ts";
import type { TlsIdentity } from "../runtime/tls/credential.ts";
import { operatorTokensOf } from "../server/operator-tokens.ts";
import { type ServerUrls, serverRole } from "../server/server-role.ts";
import type { Coordination } from "./coordination.ts";
import { type RunningRole, startRole } from "./running-role.ts";
import { plainStreamPlace } from "./stream-service-place.ts";
import { wireServices } from "./wire-services.ts";
import { wireViewers } from "./wire-viewers.ts";

interface ServerPlaces {
  readonly database: Database;
  readonly coordination: Coordination;
  readonly sealKeys: Secret;
  readonly operatorToken: Secret | null;
  /** Makes viewer sessions' secrets; null where there is none. */
  readonly tokenSecret: Secret | null;
  readonly tls: TlsIdentity;
  readonly settings: Settings;
  readonly log: Log;
}

/** Starts the server: HTTPS API and stream service; resolves when it listens. */
export async function startServer(places: ServerPlaces): Promise<RunningRole<ServerUrls>> {
  const { database, coordination, operatorToken, tokenSecret, settings, log, tls } = places;
  const streamService = plainStreamPlace(settings);
  const {
    services: viewers,
    facts,
    probes,
    keep,
  } = await wireViewers({
    ...{ coordination, settings, tokenSecret, log },
    ...{ audit: auditWriter(database), findUser: userReader(database) },
  });
  const services = { ...wireServices(places), ...viewers, agents: coordination.registry };
  const role = serverRole(services, {
    api: { host: settings.serverHost, port: settings.serverPort },
    streamService,
    tls,
    operatorTokens: operatorTokensOf(operatorToken),
    probes: [{ name: "postgresql", check: async () => void (await database.query("select 1")) }, ...probes],
    clock: systemClock,
    log,
    newRequestId: systemIds.ulid,
  });
  const running = await startRole<ServerUrls>("server", (ready, signal) =>
    alongside(keep, () => role.run(signal, ready)),
  );
  log.info({ streamService: running.facts.streamService, ...facts }, "stream service serves");
  return running;
}
