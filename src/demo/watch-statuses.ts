import type { SeenStatus } from "./checks.ts";
import type { DemoPorts } from "./demo-ports.ts";

/** What was seen of each destination's relay, by its id; and when the platform last failed to answer. */
export interface SeenStatuses {
  readonly of: (destinationId: string) => readonly SeenStatus[];
  /** Asks until aborted, and calls back after each answer. */
  watch(onSeen: () => void, signal: AbortSignal): Promise<void>;
}

const POLL_MS = 250; // short waits of a first retry are seen

/** Collects the statuses of a stream's relays; a question that fails is asked again. */
export function statusWatch({ status, clock }: Pick<DemoPorts, "status" | "clock">, streamId: string): SeenStatuses {
  const seen = new Map<string, SeenStatus[]>();
  const ask = async () => {
    const publish = await status(streamId).catch(() => null); // the checks tell what was not seen
    const at = clock.monotonic();
    for (const relay of publish?.relays ?? []) {
      const list = seen.get(relay.destinationId) ?? [];
      seen.set(relay.destinationId, [...list, { at, status: relay }]);
    }
  };
  return {
    of: (destinationId) => seen.get(destinationId) ?? [],
    async watch(onSeen, signal) {
      while (!signal.aborted) {
        await ask();
        onSeen();
        await clock.sleep(POLL_MS, signal);
      }
    },
  };
}
