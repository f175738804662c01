import type { Clock } from "../domain/clock.ts";
import { VIEWER_EVENTS, type ViewerCounts, type ViewerEvent, type ViewerServer } from "../domain/viewer-activity.ts";
import type { ViewerCounters } from "./viewer-counters.ts";

/** The servers of viewer tokens, as they announced themselves where the tokens are kept. */
export interface ViewerServers {
  /** Those that are there now. @throws RigError where the store fails */
  list(): Promise<ViewerServer[]>;
}

/** What a server says of itself; its id is where it is said. */
export type ViewerSummary = Omit<ViewerServer, "serverId">;

const MOST_BUSIEST = 16;

/**
 * What a server has to say, each time it is asked: its last while began when it was asked before. The same object as
 * long as nothing comes.
 */
export function viewerSummary(counters: ViewerCounters, clock: Pick<Clock, "now" | "monotonic">): () => ViewerSummary {
  const startedAt = clock.now();
  let summarisedAt = clock.monotonic();
  let last: ViewerSummary | null = null;
  return () => {
    const counts = counters.snapshot();
    const [beganAt, now] = [summarisedAt, clock.monotonic()];
    summarisedAt = now;
    const busiest = counters.takeBusiest(MOST_BUSIEST);
    const recent = { at: clock.now(), ms: now - beganAt, counts: since(counts, last?.counts), busiest };
    if (last && isIdle(last.recent) && isIdle(recent)) return last;
    last = { startedAt, counts, recent };
    return last;
  };
}

/** Lists are in no count, and who names no session is none of the busiest. */
const isIdle = ({ counts, busiest }: ViewerSummary["recent"]): boolean =>
  busiest.length === 0 && VIEWER_EVENTS.every((event) => counts[event] === 0);

const since = (counts: ViewerCounts, before: ViewerCounts | undefined): ViewerCounts =>
  Object.fromEntries(VIEWER_EVENTS.map((event) => [event, counts[event] - (before?.[event] ?? 0)])) as Record<
    ViewerEvent,
    number
  >;
