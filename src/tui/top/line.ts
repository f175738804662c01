import type { LivePublish, StreamStatus } from "../../domain/live.ts";
import type { RelayStatus } from "../../domain/relay.ts";
import { type Health, publishHealth, relayHealth } from "../../domain/stream-health.ts";

/** A stream that is live now. */
export interface LiveStream {
  readonly status: StreamStatus;
  readonly publish: LivePublish;
  readonly health: Health;
}

/** One line of the screen: a live stream, or one of its relays. */
export interface Line extends LiveStream {
  /** Null on the stream's own line; otherwise `health` is this relay's. */
  readonly relay: RelayStatus | null;
}

/** Which line is meant, whatever the order is by now. */
export interface LineId {
  readonly streamId: string;
  readonly destinationId: string | null;
}

/** The streams that are live, each with its health. */
export function liveStreams(statuses: readonly StreamStatus[]): LiveStream[] {
  const live: LiveStream[] = [];
  for (const status of statuses)
    if (status.live && status.publish)
      live.push({ status, publish: status.publish, health: publishHealth(status.publish) });
  return live;
}

/** How many relays there are, in all and by health. */
export type RelayCounts = Readonly<Record<Health | "all", number>>;

export const NO_RELAYS: RelayCounts = { all: 0, live: 0, slow: 0, down: 0 };

export function countRelays(streams: readonly LiveStream[]): RelayCounts {
  const counts = { ...NO_RELAYS };
  for (const { publish } of streams)
    for (const relay of publish.relays) {
      counts.all += 1;
      counts[relayHealth(relay)] += 1;
    }
  return counts;
}

export const streamLine = ({ status, publish }: Pick<LiveStream, "status" | "publish">): Line => ({
  status,
  publish,
  relay: null,
  health: publishHealth(publish),
});

export const relayLine = ({ status, publish }: LiveStream, relay: RelayStatus): Line => ({
  status,
  publish,
  relay,
  health: relayHealth(relay),
});

export const lineId = ({ status, relay }: Line): LineId => ({
  streamId: status.id,
  destinationId: relay?.destinationId ?? null,
});
