import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { NO_DETAILS } from "../../src/domain/viewer-session.ts";
import { LiveViewers } from "../../src/services/live-viewers.ts";
import { fakeClock } from "../support/fake-clock.ts";

const LIFE_MS = 30_000;
const AHEAD_MS = 5_000; // of the clock that decides

function open() {
  const clock = fakeClock();
  const live = new LiveViewers({ monotonic: clock.monotonic, longestExpiryMs: LIFE_MS });
  /** A session is seen with tokens that have so long to live. */
  const see = (name: string, ...leftMs: readonly number[]) => {
    const at = clock.now() + AHEAD_MS;
    const token = { tokenHash: "f".repeat(32), createdAt: at, details: NO_DETAILS };
    const key = createHash("sha256").update(name).digest("hex");
    live.see({ key, name }, { at, active: leftMs.map((ms) => ({ ...token, expiresAt: at + ms })) });
  };
  const seeMany = (count: number) => {
    for (let n = 0; n < count; n++) see(`session ${n}`, LIFE_MS);
  };
  return { clock, live, see, seeMany };
}

describe("LiveViewers", () => {
  it("counts each token until it expires by the clock that decides, or is seen no more", async () => {
    const { clock, live, see } = open();

    see("ada", 10_000, LIFE_MS);
    see("bob", LIFE_MS);
    see("bob", LIFE_MS); // renewed
    expect(live.count()).toBe(3);
    see("bob");
    await clock.advance(9_999);
    expect(live.count()).toBe(2);
    await clock.advance(1);

    expect(live.count()).toBe(1);
  });

  it("counts 4,096 sessions exactly", () => {
    const { live, seeMany } = open();

    seeMany(4_096);

    expect(live.count()).toBe(4_096);
  });

  it("tells of 50,000 sessions by a share of them", () => {
    const { live, seeMany } = open();

    seeMany(50_000);

    expect(live.count()).toBeGreaterThan(45_000);
    expect(live.count()).toBeLessThan(55_000);
  });

  it("follows more again when they are gone, and counts them when it must have seen them all", async () => {
    const { clock, live, see, seeMany } = open();
    seeMany(20_000);
    const counts: number[] = [];

    for (let n = 0; n < 8; n++) {
      await clock.advance(LIFE_MS);
      for (let few = 0; few < 100; few++) see(`session ${few}`, LIFE_MS);
      counts.push(live.count());
    }

    expect(counts.at(-1)).toBe(100);
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(80); // of 100 an eighth is followed at first
  });
});
