import { describe, expect, it } from "vitest";
import { pushWatchdog, WATCHDOG_LIMITS, type Watched } from "../../src/ffmpeg/push-watchdog.ts";

const SILENT = null;
const source = (bytesIn: number, hasVideo = true) => ({ bytesIn, hasVideo });

/** Ticks once a second; answers the second of the first verdict, and the verdict. */
function run(seconds: number, look: (second: number) => Watched, tickMs = (_: number) => 1000) {
  const judge = pushWatchdog(WATCHDOG_LIMITS, 0);
  for (let second = 1, now = 0; second <= seconds; second++) {
    now += tickMs(second);
    const verdict = judge(now, look(second));
    if (verdict) return { verdict, second };
  }
  return null;
}

describe("pushWatchdog", () => {
  it("calls it stalled when bytes out stand still for 8 s while the ingest's move", () => {
    const look = (second: number): Watched => ({
      phase: "sending",
      egressBytes: Math.min(second, 20) * 1000,
      source: source(second * 1000),
    });

    expect(run(60, look)).toEqual({ verdict: "stalled", second: 28 });
  });

  it("lets a relay be while its source stands still too", () => {
    const look = (second: number): Watched => ({
      phase: "sending",
      egressBytes: 5000,
      source: source(Math.min(second, 5)),
    });

    expect(run(300, look)).toBeNull();
  });

  it("begins to count when the source moves again", () => {
    const look = (second: number): Watched => ({
      phase: "sending",
      egressBytes: 5000,
      source: source(second < 100 ? 1 : second),
    });

    expect(run(300, look)?.second).toBeGreaterThanOrEqual(107);
  });

  it("takes a source that is polled every 2 s for a moving one", () => {
    const look = (second: number): Watched => ({ phase: "sending", egressBytes: 0, source: source(second >> 1) });

    expect(run(30, look)?.verdict).toBe("stalled");
  });

  it("says no video 5 s after a source without video began to send", () => {
    const look = (second: number): Watched => ({
      phase: "input",
      egressBytes: 0,
      source: second <= 3 ? SILENT : source(second, false),
    });

    expect(run(60, look)).toEqual({ verdict: "no video", second: 8 });
  });

  it("waits without limit for a publish that has not begun", () => {
    expect(run(3600, () => ({ phase: "input", egressBytes: 0, source: SILENT }))).toBeNull();
  });

  it("gives a long group of pictures its time before it gives up the input", () => {
    const look = (second: number): Watched => ({ phase: "input", egressBytes: 0, source: source(second) });

    expect(run(60, look)).toEqual({ verdict: "source gone", second: 30 });
  });

  it("gives a destination 15 s to accept the publish, whatever the source does", () => {
    const look = (second: number): Watched => ({
      phase: second < 2 ? "input" : "connecting",
      egressBytes: 0,
      source: SILENT,
    });

    expect(run(60, look)).toEqual({ verdict: "timeout", second: 17 });
  });

  it("starts all windows anew after a tick that came late", () => {
    const look = (second: number): Watched => ({ phase: "sending", egressBytes: 0, source: source(second) });

    expect(run(60, look, (second) => (second === 8 ? 20_000 : 1000))).toEqual({ verdict: "stalled", second: 16 });
  });

  it("does so for a destination that is being connected to, too", () => {
    const look = (): Watched => ({ phase: "connecting", egressBytes: 0, source: SILENT });

    expect(run(60, look, (second) => (second === 10 ? 20_000 : 1000))).toEqual({ verdict: "timeout", second: 25 });
  });
});
