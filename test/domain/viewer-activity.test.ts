import { describe, expect, it } from "vitest";
import { viewerActivity, viewerRates } from "../../src/domain/viewer-activity.ts";
import { busySession, someCounts, viewerServer } from "../support/some-viewer-servers.ts";

const AT = 1_700_000_000_000;

describe("viewerRates", () => {
  it("are what came a second", () => {
    const counts = {
      issued: 4,
      repeated: 2,
      renewed: 10,
      stopped: 1,
      evicted: 1,
      sessionFull: 3,
      expired: 1,
      failed: 2,
    };

    expect(viewerRates(someCounts(counts), 2_000)).toEqual({
      ...{ operations: 12, issued: 3, renewed: 5, ended: 1, refused: 2, failed: 1 },
    });
  });

  it("are finite before any time has passed", () => {
    expect(viewerRates(someCounts({ issued: 1 }), 0).issued).toBe(1_000);
  });
});

describe("viewerActivity", () => {
  it("adds up what the servers say of one session, and takes its standing from the later", () => {
    const later = viewerServer("b", AT, {
      busiest: [busySession("eve", { operations: 6, refused: 2, live: 3, limit: null })],
    });
    const earlier = viewerServer("a", AT - 1_000, {
      ms: 1_000,
      busiest: [busySession("ada", { operations: 4 }), busySession("eve", { operations: 3, live: 1 })],
    });

    const { servers, sessions } = viewerActivity([later, earlier]);

    expect(servers.map(({ serverId }) => serverId)).toEqual(["a", "b"]);
    expect(sessions).toMatchObject([
      { name: "eve", asked: 6, refused: 1, live: 3, limit: 3 },
      { name: "ada", asked: 4, refused: 0, live: 1 },
    ]);
  });
});
