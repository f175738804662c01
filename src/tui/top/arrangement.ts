import type { RelayStatus } from "../../domain/relay.ts";
import { HEALTH_RANK } from "../../domain/stream-health.ts";
import type { Filter } from "../live/filter.ts";
import { type Line, type LineId, type LiveStream, relayLine, streamLine } from "./line.ts";

/** What `s` goes through. */
export const ORDERS = ["state", "title", "user", "kbps", "lost", "age"] as const;
export type Order = (typeof ORDERS)[number];

type Compare = (a: LiveStream, b: LiveStream) => number;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

// The first line of a screen shall be what is looked for: worst state, lowest rate, most lost, youngest.
const COMPARE: Readonly<Record<Order, Compare>> = {
  state: (a, b) => HEALTH_RANK[a.health] - HEALTH_RANK[b.health],
  title: (a, b) => byText(a.status.title, b.status.title),
  user: (a, b) => byText(a.status.username, b.status.username),
  kbps: (a, b) => a.publish.ingestBps - b.publish.ingestBps,
  lost: (a, b) => b.publish.lostFrames - a.publish.lostFrames,
  age: (a, b) => b.publish.startedAt - a.publish.startedAt,
};

/** A stream that is shown, with those of its relays that are. */
interface Group {
  readonly stream: LiveStream;
  readonly relays: readonly RelayStatus[];
  /** Number of the stream's own line; its relays follow it. */
  readonly start: number;
}

/** The lines of the whole list in their order; only those asked for are made. */
export interface Arrangement {
  readonly groups: readonly Group[];
  readonly lineCount: number;
}

export const NOTHING: Arrangement = { groups: [], lineCount: 0 };

/** A stream that passes brings all its relays; one that does not is shown above those that do, if any. */
function shownRelays(stream: LiveStream, filter: Filter<Line>, now: number): readonly RelayStatus[] | null {
  if (filter(streamLine(stream), now)) return stream.publish.relays;
  const relays = stream.publish.relays.filter((relay) => filter(relayLine(stream, relay), now));
  return relays.length > 0 ? relays : null;
}

/** Filters and sorts; streams that compare equal stand in the order of their ids, so that lines do not jump. */
export function arrange(
  streams: readonly LiveStream[],
  { order, inverted, filter, now }: { order: Order; inverted: boolean; filter: Filter<Line> | null; now: number },
): Arrangement {
  const compare = COMPARE[order];
  const sign = inverted ? -1 : 1;
  const sorted = [...streams].sort((a, b) => sign * compare(a, b) || byText(a.status.id, b.status.id));
  const groups: Group[] = [];
  let lineCount = 0;
  for (const stream of sorted) {
    const relays = filter ? shownRelays(stream, filter, now) : stream.publish.relays;
    if (!relays) continue;
    groups.push({ stream, relays, start: lineCount });
    lineCount += 1 + relays.length;
  }
  return { groups, lineCount };
}

function groupAt(groups: readonly Group[], index: number): Group | undefined {
  let low = 0;
  let high = groups.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((groups[middle] as Group).start <= index) low = middle;
    else high = middle;
  }
  return groups[low];
}

/** One line by its number from 0; null beyond the end. */
export function lineAt({ groups, lineCount }: Arrangement, index: number): Line | null {
  const group = index >= 0 && index < lineCount ? groupAt(groups, index) : undefined;
  if (!group) return null;
  const relay = group.relays[index - group.start - 1];
  return relay ? relayLine(group.stream, relay) : streamLine(group.stream);
}

/** The lines from `first` on, at most `count`. */
export function linesFrom(arrangement: Arrangement, first: number, count: number): Line[] {
  const lines: Line[] = [];
  for (let index = first; index < first + count; index++) {
    const line = lineAt(arrangement, index);
    if (line) lines.push(line);
  }
  return lines;
}

/** Number of a line; its stream's where the relay is gone; −1 where both are. */
export function indexOf({ groups }: Arrangement, { streamId, destinationId }: LineId): number {
  const group = groups.find(({ stream }) => stream.status.id === streamId);
  if (!group) return -1;
  return group.start + 1 + group.relays.findIndex((relay) => relay.destinationId === destinationId);
}
