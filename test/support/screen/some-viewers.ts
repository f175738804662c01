import { type ViewerActivity, viewerActivity } from "../../../src/domain/viewer-activity.ts";
import { busySession, someCounts, viewerServer } from "../some-viewer-servers.ts";

/** Two servers, one of which fails, and three sessions: one refused, one full, one with a long name. */
export const someViewers = (now: number): ViewerActivity =>
  viewerActivity([
    viewerServer("server:01J0000000000000000000000A", now, {
      counts: someCounts({ issued: 24, renewed: 4_000, sessionFull: 44 }),
      busiest: [
        busySession("eve", { operations: 60, refused: 44, live: 3 }),
        busySession("ada", { operations: 20, live: 3 }),
        { ...busySession("x", { operations: 5 }), name: null },
      ],
    }),
    viewerServer("server:01J0000000000000000000000B", now, { counts: someCounts({ issued: 2, failed: 1 }) }),
  ]);
