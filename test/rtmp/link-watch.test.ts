import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/rtmp/limits.ts";
import { LinkWatch } from "../../src/rtmp/link-watch.ts";
import type { RtmpError } from "../../src/rtmp/rtmp-error.ts";

/** A watch whose next look comes when the test says, at the time that it says. */
function startWatch() {
  let nowMs = 0;
  let wake: () => void = () => {};
  const clock = { monotonic: () => nowMs, sleep: () => new Promise<void>((resolve) => (wake = resolve)) };
  const watch = new LinkWatch(clock, DEFAULT_LIMITS, true);
  const over = new AbortController();
  const errors: RtmpError[] = [];
  const link = {
    queuedBytes: 0,
    flushedBytes: 0,
    pings: 0,
    ping: () => link.pings++,
    fail: (e: RtmpError) => errors.push(e),
  };
  const running = watch.run(link, over.signal);
  return {
    watch,
    link,
    errors,
    look: async (atMs: number) => {
      nowMs = atMs;
      wake();
      await new Promise<void>((done) => setImmediate(done));
    },
    stop: async () => {
      over.abort();
      wake();
      await running;
    },
  };
}

describe("the watch over a link", () => {
  it("forgives the time in which this process stood still", async () => {
    const { watch, errors, look, stop } = startWatch();
    watch.expect("connect", 5_000);

    await look(1_000);
    await look(61_000); // 59 s late
    await look(62_000);
    await look(63_000);
    const early = errors.length;
    await look(64_000); // 5 s of its own time

    expect(early).toBe(0);
    expect(errors).toMatchObject([{ code: "TIMEOUT" }]);
    await stop();
  });

  it("sees a peer that stopped reading by bytes that do not leave, and none while they do", async () => {
    const { link, watch, errors, look, stop } = startWatch();
    link.queuedBytes = 10;

    for (let at = 1_000; at <= 120_000; at += 1_000) {
      watch.heard();
      link.flushedBytes += 1;
      await look(at);
    }
    const whileMoving = errors.length;
    for (let at = 121_000; at < 180_000; at += 1_000) {
      watch.heard();
      await look(at);
    }
    const before = errors.length;
    await look(180_000);

    expect([whileMoving, before]).toEqual([0, 0]);
    expect(errors[0]?.message).toContain("stopped reading");
    await stop();
  });
});
