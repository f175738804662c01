import { beforeEach, describe, expect, it } from "vitest";
import { endProcess } from "../../src/ffmpeg/end-process.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";

describe("endProcess", () => {
  let clock: FakeClock;
  let ended: AbortController;
  let steps: string[];
  const child = () => ({
    ended: ended.signal,
    kill: (signal: string) => void steps.push(`${signal} at ${clock.monotonic()}`),
  });
  beforeEach(() => {
    clock = fakeClock();
    ended = new AbortController();
    steps = [];
  });

  it("ends the input first, and sends no signal to a process that then ends by itself", async () => {
    const ending = endProcess(child(), async () => true, clock);
    await clock.advance(7);
    ended.abort();
    await ending;

    expect(steps).toEqual([]);
  });

  it("goes on to TERM, TERM and KILL", async () => {
    const ending = endProcess(child(), async () => true, clock);
    await clock.advance(60_000);

    expect(steps).toEqual(["SIGTERM at 500", "SIGTERM at 1000", "SIGKILL at 3000"]);
    ended.abort();
    await ending;
  });

  it("begins with the signals where there is nothing to flush to", async () => {
    const ending = endProcess(child(), null, clock);
    await clock.advance(700);
    ended.abort();
    await ending;

    expect(steps).toEqual(["SIGTERM at 0", "SIGTERM at 500"]);
  });

  it("does without an ingest that is gone", async () => {
    const ending = endProcess(child(), () => Promise.reject(new Error("gone")), clock);
    await clock.advance(500);
    ended.abort();

    await ending;
    expect(steps).toEqual(["SIGTERM at 500"]);
  });

  it("resolves only when the process has ended", async () => {
    let over = false;
    const ending = endProcess(child(), null, clock).then(() => {
      over = true;
    });
    await clock.advance(60_000);
    expect(over).toBe(false);

    ended.abort();
    await ending;
  });
});
