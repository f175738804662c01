import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { PublishEnd } from "../domain/publish.ts";
import type { RelayStatus } from "../domain/relay.ts";
import type { DestinationUsage } from "../domain/usage.ts";
import type { OwnershipLease, PublishClaims, PublishOrders } from "./coordination.ts";
import type { DestinationTarget } from "./destinations.ts";
import type { Ingest, PublisherRef } from "./ingest.ts";
import type { ServerForAgent } from "./publishes.ts";
import { type WrongKeyLimit, wrongKeyLimit } from "./wrong-key-limit.ts";

/** The relays of one publish: wanted targets in, actual statuses out (services/relay-set.ts). */
export interface Relays {
  apply(targets: readonly DestinationTarget[]): void;
  statuses(): RelayStatus[];
  /** Cumulative per destination, removed ones included. */
  usage(): DestinationUsage[];
  /** Resolves when the last relay has ended. Safe to repeat. */
  stop(): Promise<void>;
}

/** A relay's connection at the ingest; a restarted relay has a new one, its lost frames go on. */
export interface EdgePlayer {
  clientId: string;
  /** By the connections before this one. */
  lostBefore: number;
  lostFrames: number;
}

/** One publish on this edge, from the server's yes to its last usage report. */
export interface EdgePublish {
  readonly publishId: string;
  readonly streamId: string;
  readonly publisher: PublisherRef;
  /** Tells two publishes with one stream key apart from two with different ones; never leaves the process. */
  readonly streamKeyDigest: string;
  readonly startedAt: number;
  readonly startedMonotonic: number;
  readonly relays: Relays;
  /** The relays that came to the ingest for this publish, by relay id. */
  readonly players: Map<string, EdgePlayer>;
  /** The stream's revision whose targets were applied last. */
  revision: number;
  ingestBytes: number;
  ingestBps: number;
  /** When `ingestBytes` last grew, on the monotonic clock. */
  bytesMovedMonotonic: number;
  /** Why the publish is to be dropped; null while it may go on. */
  dropReason: string | null;
  end: { readonly reason: PublishEnd; readonly monotonic: number } | null;
  /** Resolves when the relays have ended and the claim is released; null while live. */
  ending: Promise<void> | null;
  /** True once `ending` has resolved: the counters are final. */
  ended: boolean;
}

/** What the edge's use cases need; the agent role fills it in. */
export interface EdgePorts {
  readonly agentId: string;
  readonly slotsTotal: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly server: ServerForAgent;
  readonly claims: PublishClaims;
  readonly lease: Pick<OwnershipLease, "isSure">;
  readonly orders: PublishOrders;
  readonly ingest: Pick<Ingest, "drop" | "keepsGop">;
  /** A one-way digest of a stream key, keyed by the process. */
  digest(streamKey: string): string;
  /** `changed` is called whenever one of them enters another state. */
  startRelays(publishId: string, changed: () => void): Relays;
  /** Something changed that `live/` shall show soon. */
  changed(): void;
  /** A publish has ended, its last report can be sent. */
  publishEnded(): void;
}

/** All publishes of this edge, ended ones until the server has their last report. */
export interface Edge {
  readonly ports: EdgePorts;
  readonly publishes: Map<string, EdgePublish>;
  /** Slots of publishes that are being claimed: their relays will run, and no other publish may count on them. */
  promisedSlots: number;
  readonly wrongKeys: WrongKeyLimit;
  /** Set when the agent stops: nothing new is taken. */
  draining: boolean;
}

export const openEdge = (ports: EdgePorts): Edge => ({
  ports,
  publishes: new Map(),
  promisedSlots: 0,
  wrongKeys: wrongKeyLimit(ports.clock),
  draining: false,
});

/** The publish of this connection at the ingest, or null. */
export function findByPublisher(edge: Edge, { ingestInstance, clientId }: PublisherRef): EdgePublish | null {
  for (const publish of edge.publishes.values())
    if (publish.publisher.clientId === clientId && publish.publisher.ingestInstance === ingestInstance) return publish;
  return null;
}

/** A relay has come to the ingest. */
export function notePlayer({ players }: EdgePublish, relayId: string, clientId: string): void {
  const player = players.get(relayId);
  if (player?.clientId === clientId) return;
  players.set(relayId, {
    clientId,
    lostBefore: player ? player.lostBefore + player.lostFrames : 0,
    lostFrames: 0,
  });
}

/** Relays that take a slot now. */
export function slotsUsed(edge: Edge): number {
  let used = 0;
  for (const { relays } of edge.publishes.values())
    for (const { state } of relays.statuses()) if (state !== "stopped") used += 1;
  return used;
}
