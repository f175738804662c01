import {
  type BusySession,
  noViewerCounts,
  type ViewerCounts,
  type ViewerServer,
} from "../../src/domain/viewer-activity.ts";

/** Counts that are 0 but for these. */
export const someCounts = (counts: Partial<ViewerCounts>): ViewerCounts => ({ ...noViewerCounts(), ...counts });

/** A session that was asked for in the last while. */
export const busySession = (name: string, change: Partial<BusySession> = {}): BusySession => ({
  ...{ key: name.repeat(64).slice(0, 64), name },
  ...{ operations: 10, refused: 0, live: 1, limit: 3 },
  ...change,
});

/** A server of viewer tokens whose last while was two seconds. */
export const viewerServer = (
  serverId: string,
  at: number,
  recent: Partial<ViewerServer["recent"]> = {},
): ViewerServer => ({
  ...{ serverId, startedAt: at - 3_600_000 },
  counts: someCounts({ issued: 1_000, renewed: 50_000, sessionFull: 200 }),
  recent: { at, ms: 2_000, counts: someCounts({}), busiest: [], ...recent },
});
