import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/domain/clock.ts";
import { RigError } from "../../src/domain/errors.ts";
import { TASK_POLICY, taskOf } from "../../src/domain/task.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { runTask, type TaskHandler } from "../../src/services/run-task.ts";
import { type TaskStop, TaskSwitch } from "../../src/services/task-stop.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

interface Options {
  readonly attempt?: number;
  readonly stop?: TaskStop;
  /** Aborted before it begins, not once it runs. */
  readonly early?: boolean;
  readonly clock?: Clock;
}

const logged: object[] = [];

async function run(work: TaskHandler["run"] | null, options: Options = {}) {
  const { attempt = 1, stop, early = false, clock = systemClock } = options;
  const task = taskOf({ kind: "note", payload: { n: 1 } }, 0, () => "t1");
  const abort = new TaskSwitch();
  if (stop && early) abort.abort(stop);
  const context = { taskId: "t1", attempt, signal: abort.signal, progress: async () => {} };
  const handler = work === null ? undefined : { kind: "note", run: work };
  const log = { ...silentLog, error: (fields: object) => void logged.push(fields) };
  const claimed = { task, attempt, claim: { token: "x" } };
  const ending = runTask(claimed, { handler, context, stop: abort, clock, random: () => 0, log });
  if (stop) abort.abort(stop);
  return ending;
}
const failing = (error: unknown) => async () => {
  throw error;
};

describe("a task that is run", () => {
  it("is done with its result", async () => {
    expect(await run(async (payload) => payload)).toEqual({ how: "done", result: { n: 1 } });
  });

  const no = () => failing(new RigError("CHECK_FAILED", "no"));

  it("is tried again after a wait where it failed", async () => {
    expect(await run(no())).toEqual({ how: "failed", reason: "CHECK_FAILED: no", retryInMs: 1_000 });
  });

  it("is dead where its last try failed", async () => {
    const attempt = TASK_POLICY.maxAttempts;
    expect(await run(no(), { attempt })).toEqual({ how: "dead", reason: "CHECK_FAILED: no" });
  });

  it.each<[unknown, string]>([
    [new TypeError("fetch https://x/?key=s3cret"), "TypeError"],
    [Object.assign(new Error("s3cret"), { name: "s3cret s3cret" }), "Error"],
    ["s3cret", "Error"],
  ])("that throws what is no error of rig's says of it no more than its class: %o", async (error, name) => {
    logged.length = 0;

    expect(await run(failing(error))).toMatchObject({ reason: `${name}: its worker's log says more, ref x` });
    expect(logged).toEqual([{ err: error, taskId: "t1", kind: "note", attempt: 1, ref: "x" }]);
  });

  it("is dead at once where nobody knows its kind, or its payload is bad", async () => {
    expect(await run(null)).toEqual({ how: "dead", reason: "no worker knows the kind note" });
    expect(await run(failing(new RigError("INVALID_INPUT", "payload n must be a text")))).toEqual({
      how: "dead",
      reason: "INVALID_INPUT: payload n must be a text",
    });
  });

  it.each<[TaskStop, object]>([
    [
      { why: "cancelled", by: "anna" },
      { how: "cancelled", by: "anna" },
    ],
    [{ why: "stopping" }, { how: "handed back", isTryCounted: false }],
    [{ why: "claim in doubt" }, { how: "handed back", isTryCounted: true }],
    [{ why: "too long" }, { how: "failed", reason: "took longer than 60000 ms", retryInMs: 1_000 }],
  ])("that was aborted by %j ends so", async (stop, end) => {
    expect(await run(failing(new Error("aborted")), { stop })).toEqual(end);
  });

  it("that does not heed its abort is not waited for", async () => {
    expect(await run(() => new Promise(() => {}), { stop: { why: "stopping" } })).toMatchObject({ how: "handed back" });
  });

  it("that heeds its abort is not waited for any longer", async () => {
    const clock = fakeClock();

    await run(failing(new Error("aborted")), { stop: { why: "stopping" }, clock });

    expect(clock.sleepers()).toBe(0);
  });

  it("that was aborted before it began is not begun", async () => {
    let begun = 0;
    const count = async () => {
      begun += 1;
    };

    expect(await run(count, { stop: { why: "cancelled", by: "anna" }, early: true })).toEqual({
      how: "cancelled",
      by: "anna",
    });
    expect(begun).toBe(0);
  });

  it("that ends although it was aborted is done", async () => {
    expect(await run(async () => "late", { stop: { why: "stopping" } })).toEqual({ how: "done", result: "late" });
  });

  it("has a reason without control characters, and of a bounded length", async () => {
    const end = await run(failing(new RigError("CHECK_FAILED", `\u001b[31m${"x".repeat(2_000)}`)));

    expect(end).toMatchObject({ how: "failed", reason: expect.not.stringContaining("\u001b") });
    expect((end as { reason: string }).reason).toHaveLength(500);
  });
});
