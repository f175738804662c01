import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BusiestSessions } from "../../src/services/busiest-sessions.ts";

const named = (key: string) => ({ key, name: key });
const answer = (live: number, limit = 3, answer = "renewed") =>
  ({ answer, at: 0, limit, active: Array(live).fill({}) }) as never;

describe("BusiestSessions", () => {
  it("tells the busiest first, with their refusals and how they stood last", () => {
    const busiest = new BusiestSessions();

    for (let time = 0; time < 3; time++) busiest.count(named("eve"), time === 2, answer(time));
    busiest.count(named("ada"), false, answer(1));
    busiest.count(named("bob"), false, answer(1));

    expect(busiest.top(2)).toEqual([
      { key: "eve", name: "eve", operations: 3, refused: 1, live: 2, limit: 3 },
      { key: "ada", name: "ada", operations: 1, refused: 0, live: 1, limit: 3 },
    ]);
  });

  it("keeps what it knew of a session whose store failed", () => {
    const busiest = new BusiestSessions();

    busiest.count(named("eve"), false, answer(2));
    busiest.count(named("eve"), false, null);

    expect(busiest.top(1)).toMatchObject([{ operations: 2, live: 2, limit: 3 }]);
  });

  it("takes the limit from those that ask for a place alone", () => {
    const busiest = new BusiestSessions();

    busiest.count(named("eve"), true, answer(2, 2, "limit reached"));
    for (const each of ["listed", "ended", "token expired"]) {
      busiest.count(named("eve"), false, answer(1, 1_000, each));
      busiest.count(named("ada"), false, answer(1, 1_000, each));
    }

    expect(busiest.top(2)).toMatchObject([
      { key: "eve", live: 1, limit: 2 },
      { key: "ada", live: 1, limit: null },
    ]);
  });

  it("finds the busy ones among 20,000 that come once, in bounded memory", () => {
    const busiest = new BusiestSessions();

    for (let round = 0; round < 20_000; round++) {
      busiest.count(named(`once-${round}`), false, null);
      if (round % 50 === 0) busiest.count(named("busy"), false, null); // 2 % of all
    }

    expect(busiest.top(1)[0]).toMatchObject({ key: "busy", name: "busy" });
    expect(busiest.top(1_000).length).toBeLessThanOrEqual(256);
  });

  it("never counts too much, and too little by 1/128 of all at most", () => {
    const asked = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 300, maxLength: 3_000 });
    fc.assert(
      fc.property(asked, (sessions) => {
        const busiest = new BusiestSessions();
        const truth = new Map<string, number>();
        for (const session of sessions) {
          const key = String(session % 3 === 0 ? session % 12 : session);
          busiest.count(named(key), false, null);
          truth.set(key, (truth.get(key) ?? 0) + 1);
        }

        const counted = new Map(busiest.top(256).map(({ key, operations }) => [key, operations]));

        for (const [key, times] of truth) {
          expect(counted.get(key) ?? 0).toBeLessThanOrEqual(times);
          expect(counted.get(key) ?? 0).toBeGreaterThanOrEqual(times - sessions.length / 128);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("begins anew when cleared", () => {
    const busiest = new BusiestSessions();
    busiest.count(named("eve"), false, null);

    busiest.clear();

    expect(busiest.top(1)).toEqual([]);
  });
});
