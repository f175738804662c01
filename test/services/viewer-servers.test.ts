import { describe, expect, it } from "vitest";
import type { ViewerAnswer } from "../../src/domain/viewer-operation.ts";
import { ViewerCounters } from "../../src/services/viewer-counters.ts";
import { viewerSummary } from "../../src/services/viewer-servers.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { someCounts } from "../support/some-viewer-servers.ts";

const EVE = { key: "e".repeat(64), name: "eve" };
const renewed = { answer: "renewed", at: 0, limit: 3, active: [{}, {}], token: {} } as unknown as ViewerAnswer;

function open() {
  const clock = fakeClock();
  const counters = new ViewerCounters();
  const summary = viewerSummary(counters, clock);
  return { clock, counters, summary, ask: () => counters.count(EVE, "refresh", renewed) };
}

describe("viewerSummary", () => {
  it("tells all since the start, and apart what came since it was asked last", async () => {
    const { clock, summary, ask } = open();
    const startedAt = clock.now();
    ask();
    summary();
    await clock.advance(2_000);
    ask();
    ask();

    expect(summary()).toEqual({
      startedAt,
      counts: someCounts({ renewed: 3 }),
      recent: {
        ...{ at: clock.now(), ms: 2_000, counts: someCounts({ renewed: 2 }) },
        busiest: [{ ...EVE, operations: 2, refused: 0, live: 2, limit: 3 }],
      },
    });
  });

  it("says once that nothing came any more, and then nothing new", async () => {
    const { clock, summary, ask } = open();
    ask();
    const busy = summary();
    await clock.advance(2_000);

    const idle = summary();
    await clock.advance(2_000);

    expect(idle).not.toBe(busy);
    expect(idle.recent).toMatchObject({ counts: someCounts({}), busiest: [] });
    expect(summary()).toBe(idle);
  });

  it("begins a new while when something comes after a rest", async () => {
    const { clock, summary, ask } = open();
    summary();
    await clock.advance(60_000);
    summary();
    await clock.advance(2_000);
    ask();

    expect(summary().recent).toMatchObject({ ms: 2_000, counts: { renewed: 1 } });
  });

  it("tells of viewers that name no session, each in the while in which it came", async () => {
    const { clock, counters, summary } = open();
    summary();
    summary();
    await clock.advance(2_000);
    counters.namedNone();
    const first = summary();
    await clock.advance(2_000);
    counters.namedNone();
    counters.namedNone();

    expect(first.recent).toMatchObject({ ms: 2_000, counts: { noSession: 1 }, busiest: [] });
    expect(summary().recent).toMatchObject({ ms: 2_000, counts: { noSession: 2 }, busiest: [] });
  });
});
