import { systemClock } from "../../src/runtime/clock.ts";
import type { TestPlatform } from "./platform.ts";

/** A relay as `rig streams list --json` shows it. */
export interface ShownRelay {
  readonly destinationId: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
  readonly nextRetryAt: string | null;
  readonly egressBytes: number;
  readonly bps: number;
}

/** What was shown, and when (ms since epoch). */
export type SeenRelay = ShownRelay & { readonly at: number };

/** Follows a stream's relays by the command line, once a second, until stopped. */
export function watchRelays(platform: Pick<TestPlatform, "json">, streamId: string) {
  const seen = new Map<string, SeenRelay[]>();
  const stop = new AbortController();
  const watch = async () => {
    while (!stop.signal.aborted) {
      const streams = await platform.json<{ id: string; relays: ShownRelay[] }[]>(["streams", "list"]);
      const at = Date.now();
      for (const relay of streams.find(({ id }) => id === streamId)?.relays ?? [])
        seen.set(relay.destinationId, [...(seen.get(relay.destinationId) ?? []), { ...relay, at }]);
      await systemClock.sleep(1_000, stop.signal);
    }
  };
  const watching = watch();
  return {
    of: (destinationId: string): readonly SeenRelay[] => seen.get(destinationId) ?? [],
    async stop() {
      stop.abort();
      await watching;
    },
  };
}
