/** What can become of a viewer token, or of a request for one. */
export const VIEWER_EVENTS = [
  "issued",
  "repeated", // a create that was asked again, and found its token
  "renewed",
  "stopped",
  "evicted",
  "noSession", // of the first version's interface: it named none
  "sessionFull",
  "deviceFull",
  "contentFull",
  "expired", // a renewal of a token that does not live
  "ended", // a renewal of one that was stopped or evicted
  "failed", // the store did
] as const;

export type ViewerEvent = (typeof VIEWER_EVENTS)[number];

/** How often each event came. */
export type ViewerCounts = Readonly<Record<ViewerEvent, number>>;

/** Events that left a viewer without a token, by rule. */
export const VIEWER_REFUSALS = ["noSession", "sessionFull", "deviceFull", "contentFull", "expired", "ended"] as const;

export const noViewerCounts = (): Record<ViewerEvent, number> =>
  Object.fromEntries(VIEWER_EVENTS.map((event) => [event, 0])) as Record<ViewerEvent, number>;

/** What was asked of one viewer session in a while. */
export interface BusySession {
  /** SHA-256 of its name. */
  readonly key: string;
  /** Null for a long one. */
  readonly name: string | null;
  /** At least so many; exact for all but those that took the place of others. */
  readonly operations: number;
  readonly refused: number;
  /** As its last answer had it. */
  readonly live: number;
  /** Of the last create or renewal; null where there was none. */
  readonly limit: number | null;
}

/** How many tokens of a session live, of how many that may. */
export const liveOf = (live: number, limit: number | null): string => (limit === null ? `${live}` : `${live}/${limit}`);

/** What one process of the stream service says of itself. */
export interface ViewerServer {
  readonly serverId: string;
  readonly startedAt: number;
  /** Since it started. */
  readonly counts: ViewerCounts;
  /** The last while of `ms` before `at`, and who asked most in it, the busiest first. */
  readonly recent: {
    readonly at: number;
    readonly ms: number;
    readonly counts: ViewerCounts;
    readonly busiest: readonly BusySession[];
  };
}

/** What is done a second, in the last while. */
export interface ViewerRates {
  readonly operations: number;
  readonly issued: number;
  readonly renewed: number;
  readonly ended: number;
  readonly refused: number;
  readonly failed: number;
}

/** How fast events came, that many of them in so many ms. */
export function viewerRates(counts: ViewerCounts, ms: number): ViewerRates {
  const perSecond = (...events: readonly ViewerEvent[]) =>
    (1_000 * events.reduce((sum, event) => sum + counts[event], 0)) / Math.max(1, ms);
  return {
    operations: perSecond(...VIEWER_EVENTS),
    issued: perSecond("issued", "repeated"),
    renewed: perSecond("renewed"),
    ended: perSecond("stopped", "evicted"),
    refused: perSecond(...VIEWER_REFUSALS),
    failed: perSecond("failed"),
  };
}

/** A viewer session that is much asked for, over all servers. */
export interface ActiveSession extends Pick<BusySession, "key" | "name" | "live" | "limit"> {
  /** Operations and refusals a second. */
  readonly asked: number;
  readonly refused: number;
}

/** The stream service as a whole: its servers, and the sessions that are asked for most. */
export interface ViewerActivity {
  readonly servers: readonly ViewerServer[];
  /** The busiest first. */
  readonly sessions: readonly ActiveSession[];
}

/** Puts together what the servers say. Where two know a session, the one that was asked later knows how it stands. */
export function viewerActivity(servers: readonly ViewerServer[]): ViewerActivity {
  const sessions = new Map<string, ActiveSession>();
  for (const { recent } of servers.toSorted((a, b) => a.recent.at - b.recent.at))
    for (const { key, name, operations, refused, live, limit } of recent.busiest) {
      const others = sessions.get(key);
      const perSecond = (count: number) => (1_000 * count) / Math.max(1, recent.ms);
      sessions.set(key, {
        ...{ key, name, live, limit: limit ?? others?.limit ?? null },
        asked: perSecond(operations) + (others?.asked ?? 0),
        refused: perSecond(refused) + (others?.refused ?? 0),
      });
    }
  const busiestFirst = [...sessions.values()].sort((a, b) => b.asked - a.asked || (a.key < b.key ? -1 : 1));
  return { servers: servers.toSorted((a, b) => (a.serverId < b.serverId ? -1 : 1)), sessions: busiestFirst };
}
