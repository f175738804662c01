import { beforeEach, describe, expect, it } from "vitest";
import type { ProgressReport } from "../../src/ffmpeg/progress.ts";
import { type PushMeter, pushMeter } from "../../src/ffmpeg/push-meter.ts";
import type { PushProgress } from "../../src/services/relay-push.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";

describe("pushMeter", () => {
  let clock: FakeClock;
  let told: PushProgress[];
  let meter: PushMeter;
  const take = (totalBytes: number | null, more: Partial<ProgressReport> = {}) =>
    meter.take({ totalBytes, mediaSeconds: null, speed: null, dropFrames: 0, end: false, ...more });
  beforeEach(() => {
    clock = fakeClock();
    told = [];
    meter = pushMeter(clock, (progress) => void told.push(progress));
  });

  it("says nothing before bytes have moved", () => {
    take(null);
    take(0);

    expect(told).toEqual([]);
    expect(meter.sums()).toEqual({ healthy: false, egressBytes: 0, egressSeconds: 0 });
  });

  it("gives the rate of the last 5 s in bits", async () => {
    for (let second = 0; second <= 20; second++) {
      take(second <= 10 ? 1000 : 1000 + (second - 10) * 125_000);
      await clock.advance(1000);
    }

    expect(told.map(({ bps }) => bps / 1000).slice(-3)).toEqual([1000, 1000, 1000]);
  });

  it("tells at most once a second what ffmpeg tells twice", async () => {
    for (let half = 0; half < 10; half++) {
      take(1000 * (half + 1));
      await clock.advance(500);
    }

    expect(told).toHaveLength(5);
    expect(meter.sums().egressBytes).toBe(10_000);
  });

  it.each([
    [9_999, false],
    [10_000, true],
  ])("calls a push whose bytes still moved after %i ms healthy: %s", async (ms, healthy) => {
    take(1);
    await clock.advance(ms);
    take(2);

    expect(meter.sums().healthy).toBe(healthy);
  });

  it("does not call one healthy whose bytes stood still for 10 s", async () => {
    take(1);
    await clock.advance(20_000);
    take(1);

    expect(meter.sums().healthy).toBe(false);
  });

  it("never counts back, and bills no timestamps that run away", async () => {
    take(1000, { mediaSeconds: 1 });
    await clock.advance(1000);
    take(900, { mediaSeconds: 4_000_000 });
    expect(meter.sums()).toMatchObject({ egressBytes: 1000, egressSeconds: 11 });

    take(1000, { mediaSeconds: 2 });
    expect(meter.sums().egressSeconds).toBe(11);
  });

  it("leaves out ffmpeg's first speeds, which mean nothing", async () => {
    take(1000, { mediaSeconds: 0.001, speed: 1000 });
    await clock.advance(1000);
    take(2000, { mediaSeconds: 1, speed: 1.02 });

    expect(told.map(({ speed }) => speed)).toEqual([null, 1.02]);
  });
});
