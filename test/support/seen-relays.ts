import { systemClock } from "../../src/runtime/clock.ts";
import type { TestPlatform } from "./platform.ts";
import type { ListedStream } from "./rig-commands.ts";

/** What was shown, and when (ms since epoch). */
export type SeenRelay = ListedStream["relays"][number] & { readonly at: number };

/** Follows a stream's relays, once a second, until stopped. */
export function watchRelays(platform: Pick<TestPlatform, "stream">, streamId: string) {
  const seen = new Map<string, SeenRelay[]>();
  const stop = new AbortController();
  const watch = async () => {
    while (!stop.signal.aborted) {
      const { relays } = await platform.stream(streamId);
      const at = Date.now();
      for (const relay of relays)
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
