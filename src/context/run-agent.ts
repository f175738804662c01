import { createHmac, randomBytes } from "node:crypto";
import type { AgentPorts } from "../agent/agent-ports.ts";
import { runAgent } from "../agent/agent-role.ts";
import { apiClient } from "../api/client.ts";
import { serverForAgent } from "../api/server-for-agent.ts";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import { etcdStaleClaims } from "../etcd/stale-claims.ts";
import { systemClock } from "../runtime/clock.ts";
import { healthHandler } from "../runtime/http/health-handler.ts";
import { type HttpListener, listen } from "../runtime/http/listen.ts";
import { packageVersion } from "../runtime/package-file.ts";
import type { TlsIdentity } from "../runtime/tls/credential.ts";
import type { Ingest } from "../services/ingest.ts";
import { countedIngest } from "../services/ingest-source.ts";
import type { PushOnce } from "../services/relay-push.ts";
import { relaySet } from "../services/relay-set.ts";
import type { Coordination } from "./coordination.ts";
import { openIngest } from "./open-ingest.ts";
import { relayPush } from "./relay-push.ts";
import { type RunningRole, startRole } from "./running-role.ts";

interface AgentPlaces {
  readonly agentId: string;
  readonly serverUrl: string;
  readonly tls: TlsIdentity;
  readonly coordination: Coordination;
  readonly settings: Settings;
  readonly log: Log;
}

/** Where a running agent is reached. */
export interface AgentFacts {
  readonly publishUrl: string;
  readonly apiUrl: string;
}

/** Starts the agent with its ingest, relays and HTTP API; resolves when it takes publishers. */
export function startAgent(places: AgentPlaces): Promise<RunningRole<AgentFacts>> {
  const { coordination, settings, log, serverUrl, tls } = places;
  return startRole<AgentFacts>("agent", async (ready, signal) => {
    const counted = countedIngest(openIngest(settings, log));
    const { ingest } = counted;
    const push = await relayPush(settings, counted, log);
    const server = apiClient({ baseUrl: serverUrl, ca: tls.ca, credential: tls, clock: systemClock });
    const api = await listenForHealth(places, ingest);
    const ports: AgentPorts = {
      ...coordination,
      ...relayPorts(ingest, push, log),
      agentId: places.agentId,
      ingest,
      clock: systemClock,
      log,
      slotsTotal: settings.slots,
      server: serverForAgent(server),
      staleClaims: etcdStaleClaims(coordination.etcd, coordination.lease),
      status: { region: settings.region, cluster: settings.cluster, apiUrl: api.url, version: packageVersion() },
    };
    try {
      await runAgent(ports, () => ready({ publishUrl: ingest.publishUrl, apiUrl: api.url }), signal);
    } finally {
      await Promise.all([api.close(1_000), server.close()]);
    }
  });
}

function listenForHealth(
  { agentId, coordination, settings, tls, log }: AgentPlaces,
  ingest: Ingest,
): Promise<HttpListener> {
  const { etcd } = coordination;
  const probes = [
    { name: "ingest", check: async () => void (await ingest.stat()) },
    { name: "etcd", check: async () => void (await etcd.get(etcd.keys.agent(agentId))) },
  ];
  const handler = healthHandler({ clock: systemClock, probes });
  return listen({ host: settings.agentHost, port: settings.agentPort, tls, handler, clock: systemClock, log });
}

/** How the agent starts relays, and tells stream keys apart without keeping them. */
function relayPorts(ingest: Ingest, push: PushOnce, log: Log): Pick<AgentPorts, "startRelays" | "digest"> {
  const digestKey = randomBytes(32);
  return {
    digest: (streamKey) => createHmac("sha256", digestKey).update(streamKey).digest("base64"),
    startRelays: (publishId, changed) =>
      relaySet({
        publishId,
        pullUrl: (relayId) => ingest.pullUrl(publishId, relayId),
        clock: systemClock,
        random: Math.random,
        push,
        changed({ destinationId, state, reason, attempt }) {
          log.info({ publishId, destinationId, state, reason, attempt }, "relay");
          changed();
        },
        pushEnded: (destinationId, { reason, detail }) =>
          log.info({ publishId, destinationId, reason, detail }, "relay's push ended"),
      }),
  };
}
