import type { Edge, EdgePublish } from "./edge.ts";

const BASE_MS = 250; // 4 relays wait at the ingest after 0.25 s, 16 after 0.83 s (2 cores)
const PER_RELAY_MS = 50;
const MAX_MS = 2_000;
const POLL_MS = 10;

/**
 * Waits until all relays stand at the ingest, so that they get frame 0, or as long as starting that many should take. An
 * ingest that keeps no group of pictures is worth a longer wait: there a late relay loses all frames up to the next key
 * frame (on a host with four processes a core, 3 relays took 0.4 to 1 s).
 */
export async function preSubscribed(
  { ports }: Edge,
  { relays, players }: EdgePublish,
  relayIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const limitMs = ports.ingest.keepsGop ? Math.min(BASE_MS + PER_RELAY_MS * relayIds.length, MAX_MS) : MAX_MS;
  const deadline = ports.clock.monotonic() + limitMs;
  const isComing = (relayId: string) => {
    const status = relays.statuses().find(({ destinationId }) => destinationId === relayId);
    return !players.has(relayId) && (status === undefined || status.state === "starting"); // else its first try is over
  };
  while (relayIds.some(isComing) && ports.clock.monotonic() < deadline && !signal.aborted)
    await ports.clock.sleep(POLL_MS, signal);
}
