import { describe, expect, it } from "vitest";
import { LeaseClock } from "../../../../src/embedded/etcd/state/lease-clock.ts";
import { Leases } from "../../../../src/embedded/etcd/state/leases.ts";
import { fakeClock } from "../../../support/fake-clock.ts";

describe("the lease clock", () => {
  it("goes with the real one while it ticks in time", async () => {
    const clock = fakeClock();
    const leaseClock = new LeaseClock(clock, 500);
    for (let i = 0; i < 4; i++) {
      await clock.advance(510);
      expect(leaseClock.tick()).toBe(false);
    }
    await clock.advance(100);

    expect(leaseClock.now()).toBe(2_140);
  });

  it("stands still while the process does, and says that it came late", async () => {
    const clock = fakeClock();
    const leaseClock = new LeaseClock(clock, 500);
    await clock.advance(60_000);

    expect(leaseClock.now()).toBe(750);
    expect(leaseClock.tick()).toBe(true);
    await clock.advance(500);
    expect([leaseClock.tick(), leaseClock.now()]).toEqual([false, 1_250]);
  });
});

describe("leases", () => {
  it("end after their time on that clock, the longest ended first", () => {
    let now = 0;
    const leases = new Leases(() => now);
    leases.grant("1", 10);
    leases.grant("2", 5);
    leases.grant("3", 20);

    now = 10_000;

    expect(leases.expired().map(({ id }) => id)).toEqual(["2", "1"]);
  });

  it("have their full time again when renewed", () => {
    let now = 0;
    const leases = new Leases(() => now);
    const lease = leases.grant("1", 10);
    now = 9_999;
    leases.renew(lease);
    now = 19_998;

    expect(leases.expired()).toEqual([]);
    expect(leases.remainingMs(lease)).toBe(1);
  });
});
