import type { LivePublish } from "../domain/live.ts";
import type { RelayStatus } from "../domain/relay.ts";
import type { Edge, EdgePublish } from "./edge.ts";
import { endPublish } from "./end-publish.ts";
import type { IngestStat } from "./ingest.ts";

const SETTLING_MS = 5_000; // the first figures of a publish are shown as they come: 0 kbit/s for ten seconds looks like a fault
const APPEAR_MS = 10_000; // an accepted publisher that the ingest has not shown by then never came

/** Takes the ingest's counters over, and ends publishes whose publisher never appeared. `sinceMs`: time since the last count. */
export function countIngest(edge: Edge, stats: readonly IngestStat[], sinceMs: number): void {
  const now = edge.ports.clock.monotonic();
  const byName = new Map(stats.map((stat) => [stat.localName, stat]));
  for (const publish of edge.publishes.values()) {
    const stat = byName.get(publish.publishId);
    if (stat) {
      const grown = Math.max(0, stat.bytesIn - publish.ingestBytes);
      if (grown > 0) publish.bytesMovedMonotonic = now;
      publish.ingestBytes += grown;
      countLostFrames(publish, stat);
      if (now - publish.startedMonotonic < SETTLING_MS) edge.ports.changed();
      publish.ingestBps = sinceMs > 0 ? Math.round((grown * 8_000) / sinceMs) : publish.ingestBps;
    } else if (publish.end === null && publish.ingestBytes === 0 && now - publish.startedMonotonic > APPEAR_MS)
      void endPublish(edge, publish, "disconnected"); // never rejects; the reporting loop waits for its end
  }
}

/** Frames that the ingest kept from a relay which took them too slowly. */
function countLostFrames({ players }: EdgePublish, stat: IngestStat): void {
  const lost = new Map(stat.players.map(({ clientId, lostFrames }) => [clientId, lostFrames]));
  for (const player of players.values())
    player.lostFrames = Math.max(player.lostFrames, lost.get(player.clientId) ?? 0);
}

/** What this edge does now, as `live/` shows it. */
export const livePublishes = (edge: Edge): LivePublish[] =>
  [...edge.publishes.values()].filter((publish) => publish.end === null).map((publish) => livePublish(edge, publish));

function livePublish(edge: Edge, publish: EdgePublish): LivePublish {
  const { publishId, streamId, startedAt, ingestBytes, ingestBps } = publish;
  const relays = publish.relays.statuses().map((status) => withLostFrames(publish, status));
  const lostFrames = relays.reduce((sum, relay) => sum + relay.lostFrames, 0);
  const { agentId } = edge.ports;
  return { publishId, streamId, agentId, startedAt, ingestBytes, ingestBps, lostFrames, relays };
}

function withLostFrames({ players }: EdgePublish, status: RelayStatus): RelayStatus {
  const player = players.get(status.destinationId);
  return player ? { ...status, lostFrames: status.lostFrames + player.lostBefore + player.lostFrames } : status;
}
