import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockAhead, clockStanding, isOff } from "../../src/domain/clock-difference.ts";

const server = (serverId: string, upMs: number, aheadMs: number) => ({ serverId, upMs, aheadMs });

describe("how a clock stands", () => {
  it.each([
    ["alone", [server("me", 1, 0)], 0],
    ["the younger of two", [server("me", 1, 0), server("a", 2, -700)], -700],
    ["the elder of two", [server("me", 2, 0), server("a", 1, -700)], 0],
    ["as old as the other: the first by name counts", [server("me", 1, 0), server("a", 1, 40)], 40],
    ["in the middle of three", [server("me", 1, 0), server("a", 2, 5_000), server("b", 3, -5_000)], 0],
    ["apart from two", [server("me", 9, 0), server("a", 2, 5_000), server("b", 3, 5_100)], 5_000],
  ])("%s", (_where, clocks, differenceMs) => {
    expect(clockStanding(clocks)).toEqual({ differenceMs, servers: clocks.length });
  });

  it.each([
    [1_000, false],
    [1_001, true],
    [-1_000, false],
    [-1_001, true],
  ])("is off by %i: %s", (differenceMs, off) => {
    expect(isOff({ differenceMs, servers: 2 })).toBe(off);
  });

  it("leaves the majority in peace, whatever the others say", () => {
    const skew = fc.integer({ min: -100_000, max: 100_000 });
    fc.assert(
      fc.property(fc.array(skew, { minLength: 1, maxLength: 4 }), (liars) => {
        const right = liars.length + 1; // one more than half
        const clocks = [
          ...Array.from({ length: right }, (_, i) => server(`r${i}`, 1_000 - i, 0)),
          ...liars.map((aheadMs, i) => server(`l${i}`, i, aheadMs)),
        ];

        expect(clockStanding(clocks).differenceMs).toBe(0);
      }),
    );
  });
});

describe("clockAhead", () => {
  it("never says more than there is, whatever the way took", () => {
    const way = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(fc.integer({ min: -9_000, max: 9_000 }), fc.array(way, { minLength: 1 }), (ahead, ways) => {
        const longest = Math.max(...ways);
        const said = clockAhead(
          ways.map((took) => ahead + took),
          longest,
        );

        expect(Math.abs(said)).toBeLessThanOrEqual(Math.abs(ahead));
        expect(Math.sign(said) * Math.sign(ahead)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(said - ahead)).toBeLessThanOrEqual(longest);
      }),
    );
  });
});
