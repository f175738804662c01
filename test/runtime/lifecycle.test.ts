import { expect, it } from "vitest";
import { listenForStop, type Part, stopInOrder } from "../../src/runtime/lifecycle.ts";
import { fakeClock } from "../support/fake-clock.ts";

function recorder() {
  const lines: string[] = [];
  const note = (fields: object, message: string) =>
    void lines.push(`${(fields as { part?: string }).part}: ${message}`);
  return { lines, log: { debug: note, info: note, warn: note, error: note } };
}

const never = () => new Promise<void>(() => {});
const part = (name: string, stop: () => Promise<void>): Part => ({ name, stop });

it("stops the parts one after another and says so", async () => {
  const { lines, log } = recorder();
  const order: string[] = [];
  const parts = ["agent", "server", "store"].map((name) => part(name, async () => void order.push(name)));

  const late = await stopInOrder(parts, {
    deadlineMs: 1000,
    kill: new AbortController().signal,
    clock: fakeClock(),
    log,
  });

  expect(late).toEqual([]);
  expect(order).toEqual(["agent", "server", "store"]);
  expect(lines).toEqual(["agent: stopped", "server: stopped", "store: stopped"]);
});

it("goes on to the next part when one fails, or hangs until the deadline", async () => {
  const clock = fakeClock();
  const { lines, log } = recorder();
  const parts = [part("bad", () => Promise.reject(new Error("no"))), part("hung", never), part("good", async () => {})];

  const stopping = stopInOrder(parts, { deadlineMs: 1000, kill: new AbortController().signal, clock, log });
  await clock.advance(1000);

  expect(await stopping).toEqual(["bad", "hung"]);
  expect(lines).toEqual(["bad: failed to stop", "hung: not stopped in time", "good: stopped"]);
  expect(clock.sleepers()).toBe(0);
});

it("waits for nothing more once it is told to kill", async () => {
  const { log } = recorder();
  const kill = new AbortController();

  const stopping = stopInOrder([part("hung", never)], {
    deadlineMs: 60_000,
    kill: kill.signal,
    clock: fakeClock(),
    log,
  });
  kill.abort();

  expect(await stopping).toEqual(["hung"]);
});

it("drains at the first stop signal, kills at the second, and then leaves signals to Node again", () => {
  const { log } = recorder();
  const before = process.listenerCount("SIGTERM");
  const stop = listenForStop(log);

  process.emit("SIGTERM", "SIGTERM");
  expect([stop.drain.aborted, stop.kill.aborted]).toEqual([true, false]);

  process.emit("SIGINT", "SIGINT");
  expect(stop.kill.aborted).toBe(true);

  stop.release();
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
