import type { Value } from "../live/filter.ts";
import type { Line } from "./line.ts";

const seconds = (ms: number): number => ms / 1000;

/** The names that a filter may use: `kbps<2000 state=live`. A relay's line inherits what belongs to its stream. */
export const FIELDS = {
  state: ({ relay, health }) => (relay ? `${health} ${relay.state}` : health),
  title: ({ status }) => status.title,
  user: ({ status }) => status.username,
  agent: ({ publish }) => publish.agentId,
  stream: ({ status }) => status.id,
  destination: ({ relay }) => relay?.destinationId,
  reason: ({ relay }) => relay?.reason ?? undefined,
  attempt: ({ relay }) => relay?.attempt,
  retry: ({ relay }, now) => (relay?.nextRetryAt == null ? undefined : seconds(relay.nextRetryAt - now)),
  kbps: ({ relay, publish }) => (relay ? relay.bps : publish.ingestBps) / 1000,
  speed: ({ relay }) => relay?.speed ?? undefined,
  lost: ({ relay, publish }) => (relay ?? publish).lostFrames,
  age: ({ relay, publish }, now) => seconds(now - (relay ? relay.since : publish.startedAt)),
  relays: ({ relay, publish }) => (relay ? undefined : publish.relays.length),
} as const satisfies Record<string, (line: Line, now: number) => Value>;
