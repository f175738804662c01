import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import { listenRtmp, type RtmpListener } from "../../rtmp/listener.ts";
import type { Ingest, IngestHandlers } from "../../services/ingest.ts";
import { connectionGate } from "./connection-limits.ts";
import { type Edge, EdgeConnection } from "./edge-connection.ts";
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from "./ingest-limits.ts";
import { LiveNames } from "./live-names.ts";

export interface EmbeddedIngestOptions {
  /** Where publishers may connect; relays always find it on 127.0.0.1. */
  readonly listenHost: string;
  /** 0 takes a free one. */
  readonly listenPort: number;
  /** The host that `publishUrl` names; the listen host where it is left out, or 127.0.0.1 where that is every address. */
  readonly publishHost?: string;
  readonly app: string;
  /** This ingest's boot id: one life of it, never used again. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<IngestLimits>;
}

const LOOPBACK = "127.0.0.1";
const EVERY_ADDRESS = new Set(["0.0.0.0", "::"]);
const IDLE_CHECK_MS = 1_000;
const LATE_MS = 1_000; // a check this late means that this process stood still, not the publishers

/** The media server inside this process. Its ports are known, and its URLs true, once `run` has called `ready`. */
export function embeddedIngest(options: EmbeddedIngestOptions): Ingest {
  const { listenHost, app, instance, clock, log } = options;
  const limits = { ...DEFAULT_INGEST_LIMITS, ...options.limits };
  const names = new LiveNames();
  const host = options.publishHost ?? (EVERY_ADDRESS.has(listenHost) ? LOOPBACK : listenHost);
  let publishPort = options.listenPort;
  let pullPort = options.listenPort;
  return {
    get publishUrl() {
      return `rtmp://${host.includes(":") ? `[${host}]` : host}:${publishPort}/${app}`;
    },
    keepsGop: true,
    pullUrl: (localName, relayId) =>
      `rtmp://${LOOPBACK}:${pullPort}/${app}/${localName}?relay=${encodeURIComponent(relayId)}`,
    async run(handlers: IngestHandlers, ready, signal) {
      const listeners = await listen({ app, instance, clock, log, limits, names, handlers }, options);
      publishPort = listeners.publish.port;
      pullPort = listeners.pull.port;
      ready();
      await watchIdle(names, clock, limits.idleMs, signal);
      await stop(names, listeners, clock, limits.stopMs);
    },
    async drop({ ingestInstance, clientId }) {
      const publish = names.publishes().find((one) => one.publisher.clientId === clientId);
      if (!publish || ingestInstance !== instance) return false;
      publish.endedBy ??= "dropped";
      publish.connection.destroy();
      await publish.connection.closed;
      return true;
    },
    async endPlayer(localName, relayId) {
      const players = [...(names.find(localName)?.players ?? [])].filter((player) => player.relayId === relayId);
      for (const player of players) player.end();
      return players.length > 0;
    },
    stat: async () => names.publishes().map((publish) => publish.stat()),
  };
}

interface Listeners {
  readonly publish: RtmpListener;
  /** The same one where it covers loopback. */
  readonly pull: RtmpListener;
}

/** @throws RigError PORT_IN_USE */
async function listen(edge: Edge, { listenHost, listenPort }: EmbeddedIngestOptions): Promise<Listeners> {
  const { clock, limits } = edge;
  const gate = connectionGate(limits);
  let clients = 0;
  const accept = (address: string) => {
    const admission = gate.admit(address);
    if (!admission) return null;
    clients += 1;
    return new EdgeConnection(edge, String(clients), address, admission);
  };
  const protocol = { maxQueuedBytes: limits.playerMaxQueuedBytes * 4, chunkSize: limits.chunkSize };
  const open = (host: string, port: number) => listenRtmp({ host, port, clock, limits: protocol, accept });
  const coversLoopback = EVERY_ADDRESS.has(listenHost) || listenHost === LOOPBACK;
  const pull = coversLoopback ? null : await open(LOOPBACK, 0);
  try {
    const publish = await open(listenHost, listenPort);
    return { publish, pull: pull ?? publish };
  } catch (cause) {
    await pull?.close();
    const inUse = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    if (!inUse) throw cause;
    throw new RigError("PORT_IN_USE", `the ingest's port ${listenPort} on ${listenHost} is taken`, { cause });
  }
}

/** Ends publishers that send nothing; resolves when the signal aborts. */
async function watchIdle(names: LiveNames, clock: Clock, idleMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const before = clock.monotonic();
    await clock.sleep(IDLE_CHECK_MS, signal);
    const isLate = clock.monotonic() - before > IDLE_CHECK_MS + LATE_MS;
    for (const publish of names.publishes()) {
      if (isLate) publish.excuse();
      if (publish.idleMs < idleMs) continue;
      publish.endedBy ??= "idle";
      publish.connection.destroy();
    }
  }
}

/** Publishers go at once, players may read what is queued for them, then everything is closed. */
async function stop(names: LiveNames, { publish, pull }: Listeners, clock: Clock, stopMs: number): Promise<void> {
  for (const { connection } of names.publishes()) connection.destroy();
  names.endAllPlayers();
  const over = new AbortController();
  const late = clock.sleep(stopMs, over.signal).then(() => {
    publish.destroyConnections();
    pull.destroyConnections();
  });
  await Promise.all([publish.close(), pull.close()]);
  over.abort();
  await late;
}
