import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/domain/relay-backoff.ts";

const LOWEST = () => 0;
const HIGHEST = () => 0.999_999_999;

describe("backoffMs", () => {
  it.each([
    ["connection refused", 1, 1000, 2000],
    ["connection refused", 2, 1000, 4000],
    ["timeout", 5, 1000, 30_000],
    ["timeout", 1000, 1000, 30_000],
    [null, 1, 1000, 2000],
    ["rejected", 1, 30_000, 60_000],
    ["rejected", 4, 30_000, 300_000],
    ["no video", 1, 30_000, 60_000],
    ["codec", 1, 30_000, 60_000],
    ["address refused", 1, 30_000, 60_000],
  ] as const)("after %s, failure %i, waits %i to %i ms", (reason, failures, lowest, highest) => {
    expect(backoffMs(reason, failures, LOWEST)).toBe(lowest);
    expect(backoffMs(reason, failures, HIGHEST)).toBe(highest);
  });

  it("never leaves 1 s to 30 s for what may heal by itself", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const ms = backoffMs("closed", failures, () => random);
          return ms >= 1000 && ms <= 30_000;
        },
      ),
    );
  });
});
