import type { LivePublish } from "../domain/live.ts";
import type { Edge } from "./edge.ts";
import { endPublish } from "./end-publish.ts";
import type { IngestStat } from "./ingest.ts";

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
      publish.ingestBps = sinceMs > 0 ? Math.round((grown * 8_000) / sinceMs) : publish.ingestBps;
    } else if (publish.end === null && publish.ingestBytes === 0 && now - publish.startedMonotonic > APPEAR_MS)
      void endPublish(edge, publish, "disconnected"); // never rejects; the reporting loop waits for its end
  }
}

/** What this edge does now, as `live/` shows it. */
export const livePublishes = (edge: Edge): LivePublish[] =>
  [...edge.publishes.values()]
    .filter((publish) => publish.end === null)
    .map(({ publishId, streamId, startedAt, ingestBytes, ingestBps, relays }) => ({
      publishId,
      streamId,
      agentId: edge.ports.agentId,
      startedAt,
      ingestBytes,
      ingestBps,
      lostFrames: relays.statuses().reduce((sum, relay) => sum + relay.lostFrames, 0),
      relays: relays.statuses(),
    }));
