import { describe, expect, it } from "vitest";
import { type WrongKeyLimit, wrongKeyLimit } from "../../src/services/wrong-key-limit.ts";
import { fakeClock } from "../support/fake-clock.ts";

const GUESSER = "203.0.113.7";

/** Tries as long as it may; how often that was. */
function guess(limit: WrongKeyLimit, address = GUESSER, most = 1_000): number {
  let tries = 0;
  for (; tries < most && limit.mayTry(address); tries++) limit.countWrong(address);
  return tries;
}

describe("the limit on wrong stream keys", () => {
  it("lets 50 from one address pass at once, then 10 a second", async () => {
    const clock = fakeClock();
    const limit = wrongKeyLimit(clock);

    expect(guess(limit)).toBe(50);
    await clock.advance(99);
    expect(guess(limit)).toBe(0);
    await clock.advance(1);
    expect(guess(limit)).toBe(1);
    await clock.advance(1_000);
    expect(guess(limit)).toBe(10);
    await clock.advance(3_600_000);
    expect(guess(limit)).toBe(50);
  });

  it("counts each address by itself, and none on loopback", () => {
    const limit = wrongKeyLimit(fakeClock());
    guess(limit);

    expect(limit.mayTry("203.0.113.8")).toBe(true);
    expect(guess(limit, "127.0.0.1")).toBe(1_000);
    expect(guess(limit, "::1")).toBe(1_000);
  });

  it("counts nothing but wrong keys", () => {
    const limit = wrongKeyLimit(fakeClock());

    expect(Array.from({ length: 1_000 }, () => limit.mayTry(GUESSER))).not.toContain(false);
  });

  it("keeps 10,000 addresses at most, the newest", () => {
    const limit = wrongKeyLimit(fakeClock());
    guess(limit);
    guess(limit, "203.0.113.8");

    for (let n = 0; n < 9_999; n++) limit.countWrong(`2001:db8::${n}`);

    expect([limit.mayTry(GUESSER), limit.mayTry("203.0.113.8")]).toEqual([true, false]);
  });
});
