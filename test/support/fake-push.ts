import { Secret } from "../../src/domain/secret.ts";
import type { DestinationTarget } from "../../src/services/destinations.ts";
import type { PushEnd, PushOnce, PushProgress, RelayOrder } from "../../src/services/relay-push.ts";

/** One try of a fake push, steered by the test. */
export interface FakeTry {
  readonly order: RelayOrder;
  readonly signal: AbortSignal;
  over: boolean;
  progress(egressBytes: number, more?: Partial<PushProgress>): void;
  end(reason: PushEnd["reason"], more?: Partial<PushEnd>): void;
}

/** A push whose tries the test ends; an aborted one ends by itself, unless `stubborn`. */
export function fakePush({ stubborn = false } = {}): { push: PushOnce; tries: FakeTry[]; last(): FakeTry } {
  const tries: FakeTry[] = [];
  const push: PushOnce = (order, onProgress, signal) =>
    new Promise<PushEnd>((resolve) => {
      let sent: PushProgress = { egressBytes: 0, egressSeconds: 0, bps: 0, speed: null, lostFrames: 0 };
      const entry: FakeTry = {
        order,
        signal,
        over: false,
        progress(egressBytes, more = {}) {
          sent = { ...sent, egressBytes, ...more };
          onProgress(sent);
        },
        end(reason, more = {}) {
          entry.over = true;
          const { egressBytes, egressSeconds } = sent;
          resolve({ reason, detail: "", healthy: false, egressBytes, egressSeconds, ...more });
        },
      };
      tries.push(entry);
      if (!stubborn) signal.addEventListener("abort", () => entry.end(null), { once: true });
      if (!stubborn && signal.aborted) entry.end(null);
    });
  return { push, tries, last: () => tries.at(-1) as FakeTry };
}

/** A destination with its key, as the server hands it to an agent. */
export const someTarget = (change: Partial<DestinationTarget["destination"]> = {}): DestinationTarget => ({
  destination: {
    id: "dest-1",
    streamId: "stream-1",
    service: null,
    server: null,
    url: "rtmp://destination.example/app",
    enabled: true,
    createdAt: 0,
    revision: 1,
    retrySeq: 0,
    ...change,
  },
  destinationKey: new Secret("destination-key"),
});
