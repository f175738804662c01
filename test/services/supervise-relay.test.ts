import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RelayStatus } from "../../src/domain/relay.ts";
import { superviseRelay } from "../../src/services/supervise-relay.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { fakePush, someTarget } from "../support/fake-push.ts";

function supervised() {
  const clock = fakeClock();
  const fake = fakePush();
  const statuses: RelayStatus[] = [];
  const stop = new AbortController();
  let retry = new AbortController();
  const order = { publishId: "p", relayId: "dest-1", pullUrl: "rtmp://127.0.0.1/live/p", target: someTarget() };
  const ports = {
    clock,
    random: () => 0,
    push: fake.push,
    report: (status: RelayStatus) => void statuses.push(status),
    pushEnded: () => {},
    retryNow: () => retry.signal,
  };
  const ended = superviseRelay(order, ports, stop.signal);
  return {
    ...fake,
    clock,
    statuses,
    ended,
    stop,
    latest: () => statuses.at(-1)!,
    retryNow() {
      retry.abort();
      retry = new AbortController();
    },
  };
}

describe("superviseRelay", () => {
  let relay: ReturnType<typeof supervised>;
  beforeEach(() => {
    relay = supervised();
  });
  afterEach(async () => {
    relay.stop.abort();
    await relay.ended;
  });

  it("is pushing only once bytes move", () => {
    expect(relay.latest()).toMatchObject({ state: "starting", attempt: 1, reason: null, nextRetryAt: null });

    relay.last().progress(1000, { bps: 8000, speed: 1 });

    expect(relay.latest()).toMatchObject({ state: "pushing", egressBytes: 1000, bps: 8000, speed: 1 });
  });

  it("pushes again after a failure and stops when told to", async () => {
    relay.last().end("connection refused");
    await relay.clock.advance(0);
    expect(relay.latest()).toMatchObject({ state: "waiting", reason: "connection refused", attempt: 1 });
    expect(relay.latest().nextRetryAt).toBe(relay.clock.now() + 1000);

    await relay.clock.advance(1000);
    expect(relay.tries).toHaveLength(2);
    expect(relay.latest()).toMatchObject({
      state: "starting",
      reason: "connection refused",
      attempt: 2,
      nextRetryAt: null,
    });

    relay.stop.abort();
    await relay.ended;
    expect(relay.latest().state).toBe("stopped");
  });

  it("adds up the bytes of all tries", async () => {
    relay.last().progress(5000);
    relay.last().end("stalled", { egressBytes: 6000 });
    await relay.clock.advance(1000);
    relay.last().end("closed", { egressBytes: 300 });
    await relay.clock.advance(1000);
    relay.last().progress(10);

    expect(relay.latest().egressBytes).toBe(6310);
  });

  it("counts attempts anew after a push that was healthy", async () => {
    for (let attempt = 1; attempt < 5; attempt++) {
      expect(relay.latest().attempt).toBe(attempt);
      relay.last().end("timeout");
      await relay.clock.advance(1000);
    }
    relay.last().end("closed", { healthy: true, egressBytes: 1e6 });
    await relay.clock.advance(1000);

    expect(relay.latest()).toMatchObject({ state: "starting", attempt: 2 });
  });

  it("calls a destination that refuses by status rejected, and lets it rest for 30 s", async () => {
    relay.last().end("rejected");
    await relay.clock.advance(0);
    expect(relay.latest()).toMatchObject({ state: "rejected", reason: "rejected" });

    await relay.clock.advance(29_999);
    expect(relay.tries).toHaveLength(1);
    await relay.clock.advance(1);
    expect(relay.tries).toHaveLength(2);
  });

  it("calls the third close in a row soon after the publish rejected", async () => {
    for (const state of ["waiting", "waiting", "rejected"]) {
      relay.last().end("closed", { egressBytes: 65_535, egressSeconds: 1 });
      await relay.clock.advance(0);
      expect(relay.latest().state).toBe(state);
      await relay.clock.advance(30_000);
    }
  });

  it.each([
    ["after 64 KiB", { egressBytes: 65_536, egressSeconds: 1 }],
    ["after 5 s", { egressBytes: 10, egressSeconds: 5 }],
  ])("does not count closes %s as a rejection", async (_, sums) => {
    for (let i = 0; i < 4; i++) {
      relay.last().end("closed", sums);
      await relay.clock.advance(0);
      expect(relay.latest().state).toBe("waiting");
      await relay.clock.advance(30_000);
    }
  });

  it("tells of missing video and does not loop on it", async () => {
    relay.last().end("no video");
    await relay.clock.advance(29_999);

    expect(relay.latest()).toMatchObject({ state: "waiting", reason: "no video" });
    expect(relay.tries).toHaveLength(1);
  });

  it("retries at once when asked to while it waits", async () => {
    relay.last().end("rejected");
    await relay.clock.advance(0);

    relay.retryNow();
    await relay.clock.advance(0);

    expect(relay.tries).toHaveLength(2);
  });

  it("takes no notice of a retry while it pushes", async () => {
    relay.last().progress(1000);
    relay.retryNow();
    relay.last().end("closed");
    await relay.clock.advance(999);

    expect(relay.tries).toHaveLength(1);
  });
});
