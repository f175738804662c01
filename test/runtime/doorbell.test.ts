import { expect, it } from "vitest";
import { doorbell } from "../../src/runtime/doorbell.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { heldBySignal } from "../support/held-by-signal.ts";

it("wakes at a ring, and at once where somebody rang before", async () => {
  const clock = fakeClock();
  const bell = doorbell();
  const { signal } = new AbortController();

  const first = bell.wait(1_000, clock, signal);
  bell.ring();
  await first;
  bell.ring();
  await bell.wait(1_000, clock, signal);

  expect(clock.monotonic()).toBe(0);
  expect(clock.sleepers()).toBe(0);
});

it("wakes when aborted, and does not wait at all where that was before", async () => {
  const clock = fakeClock();
  const bell = doorbell();
  const stop = new AbortController();

  const waiting = bell.wait(1_000, clock, stop.signal);
  stop.abort();
  await waiting;
  await bell.wait(1_000, clock, stop.signal);

  expect(clock.sleepers()).toBe(0);
});

it("leaves nothing on a signal that lives for months, however often it waits", async () => {
  const clock = fakeClock();
  const bell = doorbell();
  const { signal } = new AbortController();

  for (let i = 0; i < 3; i++) {
    const waiting = bell.wait(1_000, clock, signal);
    bell.ring();
    await waiting;
  }

  expect(heldBySignal(signal)).toBe(0);
});
