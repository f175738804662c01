import type { StreamStatus } from "../../../src/domain/live.ts";
import type { RelayStatus } from "../../../src/domain/relay.ts";

const START = Date.now() - 754_000;

/** One relay that pushes, but for `change`. */
export const relay = (destinationId: string, change: Partial<RelayStatus>): RelayStatus => ({
  destinationId,
  state: "pushing",
  reason: null,
  attempt: 1,
  nextRetryAt: null,
  egressBytes: 98_765_432,
  bps: 1_152_000,
  speed: 1,
  lostFrames: 0,
  since: START,
  ...change,
});

const number = (index: number): string => String(index).padStart(5, "0");

/** Live streams with three relays each: one pushes, one waits for its retry, one falls behind; figures move with `now`. */
export function manyStreams(count: number, now: number): StreamStatus[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `01KSTREAM0000000000000${number(index)}`;
    return {
      id,
      title: `Show ${number(index)}`,
      username: `user${index % 7}`,
      live: true,
      publish: {
        publishId: `01KPUBLISH000000000000${number(index)}`,
        streamId: id,
        agentId: `edge-${index % 3}`,
        startedAt: START - index * 1000,
        ingestBytes: 102_000_000 + index,
        ingestBps: 1_100_000 + ((index * 7919 + now) % 100_000),
        lostFrames: index % 5,
        relays: [
          relay(`01KDEST0000000000000A${number(index)}`, { bps: 1_140_000 + (now % 30_000) }),
          relay(`01KDEST0000000000000B${number(index)}`, {
            state: "waiting",
            reason: "connection refused",
            attempt: 3,
            nextRetryAt: now - (now % 10_000) + 10_000,
            bps: 0,
            speed: null,
          }),
          relay(`01KDEST0000000000000C${number(index)}`, { speed: 0.91, lostFrames: 12 }),
        ],
      },
    };
  });
}
