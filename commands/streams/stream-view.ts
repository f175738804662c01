import type { StreamStatus } from "../../src/domain/live.ts";
import type { RelayStatus } from "../../src/domain/relay.ts";
import type { View } from "../../src/runtime/cli/output.ts";

const isoOrNull = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** Bits per second as `1,234` kbit/s. */
export const kbps = (bps: number): string => Math.round(bps / 1000).toLocaleString("en-US");

/** How streams are printed; scripts rely on the JSON. */
export const streamView: View<StreamStatus> = {
  columns: [
    { head: "STREAM", cell: ({ id }) => id },
    { head: "USER", cell: ({ username }) => username },
    { head: "TITLE", cell: ({ title }) => title },
    { head: "STATE", cell: ({ live }) => (live ? "live" : "-") },
    { head: "KBIT/S", cell: ({ publish }) => (publish ? kbps(publish.ingestBps) : "-"), align: "right" },
    { head: "RELAYS", cell: ({ publish }) => countRelays(publish?.relays ?? []) },
    { head: "AGENT", cell: ({ publish }) => publish?.agentId ?? "-" },
  ],
  json: ({ id, title, live, publish }) => ({
    id,
    title,
    live,
    publish: publish && {
      id: publish.publishId,
      startedAt: isoOrNull(publish.startedAt),
      ingestBps: publish.ingestBps,
      agentId: publish.agentId,
    },
    relays: (publish?.relays ?? []).map(relayView.json),
  }),
  name: ({ id }) => id,
};

/** How the relays of one stream are printed. */
export const relayView: View<RelayStatus> = {
  columns: [
    { head: "DESTINATION", cell: ({ destinationId }) => destinationId },
    { head: "STATE", cell: ({ state }) => state },
    { head: "REASON", cell: ({ reason }) => reason ?? "-" },
    { head: "ATTEMPT", cell: ({ attempt }) => String(attempt), align: "right" },
    { head: "NEXT RETRY", cell: ({ nextRetryAt }) => isoOrNull(nextRetryAt) ?? "-" },
    { head: "KBIT/S", cell: ({ bps }) => kbps(bps), align: "right" },
    { head: "BYTES", cell: ({ egressBytes }) => egressBytes.toLocaleString("en-US"), align: "right" },
  ],
  json: ({ destinationId, state, reason, attempt, nextRetryAt, egressBytes, bps }) => ({
    destinationId,
    state,
    reason,
    attempt,
    nextRetryAt: isoOrNull(nextRetryAt),
    egressBytes,
    bps,
  }),
  name: ({ destinationId }) => destinationId,
};

/** `2 pushing, 1 waiting` */
function countRelays(relays: readonly RelayStatus[]): string {
  const counts = new Map<string, number>();
  for (const { state } of relays) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "-";
}
