import { expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { doorbell } from "../../src/runtime/doorbell.ts";
import { repeat } from "../../src/runtime/repeat.ts";
import { fakeClock } from "../support/fake-clock.ts";

const setUp = (attempt: (run: number) => void, options: { gapMs?: number } = {}) => {
  const clock = fakeClock();
  const warnings: string[] = [];
  const fields: object[] = [];
  const quiet = () => {};
  const warn = (said: object, text: string) => {
    fields.push(said);
    warnings.push(text);
  };
  const log = { debug: quiet, info: quiet, warn, error: quiet };
  const runs: number[] = [];
  const stop = new AbortController();
  const bell = doorbell();
  const work = async () => {
    runs.push(clock.monotonic());
    attempt(runs.length);
  };
  const ended = repeat({ everyMs: 1_000, bell, failure: "failed", clock, log, ...options }, work, stop.signal);
  return { clock, warnings, fields, runs, stop, bell, ended };
};

it("runs at once and then at every interval until it is stopped", async () => {
  const { clock, runs, stop, ended } = setUp(() => {});

  await clock.advance(2_500);
  stop.abort();
  await ended;
  await clock.advance(5_000);

  expect(runs).toEqual([0, 1_000, 2_000]);
});

it("runs early when the bell rings, but not before the gap has passed", async () => {
  const { clock, runs, stop, bell, ended } = setUp(() => {}, { gapMs: 300 });
  await clock.advance(100);

  bell.ring();
  await clock.advance(600);
  stop.abort();
  await ended;

  expect(runs).toEqual([0, 300]);
});

it("goes on after failures and logs a row of them once", async () => {
  const { clock, warnings, runs, stop, ended } = setUp((run) => {
    if (run < 3) throw new Error("away");
  });

  await clock.advance(3_500);
  stop.abort();
  await ended;

  expect(runs).toHaveLength(4);
  expect(warnings).toEqual(["failed"]);
});

it.each([
  [new RigError("ETCD_UNREACHABLE", "away", { hint: "Start it." }), { reason: "away", hint: "Start it." }],
  [new RigError("OVERLOADED", "full"), { reason: "full" }],
])("tells of a store that fails (%s) without a stack", async (error, said) => {
  const { clock, fields, stop, ended } = setUp(() => {
    throw error;
  });
  await clock.advance(0);
  stop.abort();
  await ended;

  expect(fields).toEqual([said]);
});

it("shows a bug whole", async () => {
  const bug = new TypeError("a bug");
  const { clock, fields, stop, ended } = setUp(() => {
    throw bug;
  });
  await clock.advance(0);
  stop.abort();
  await ended;

  expect(fields).toEqual([{ err: bug }]);
});
