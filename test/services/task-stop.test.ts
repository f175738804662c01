import { describe, expect, it } from "vitest";
import { TaskSwitch } from "../../src/services/task-stop.ts";

describe("what aborts a running task", () => {
  it("aborts a signal that was asked for before, and one that is asked for afterwards", () => {
    const before = new TaskSwitch();
    const { signal } = before;
    before.abort({ why: "stopping" });
    const after = new TaskSwitch();
    after.abort({ why: "too long" });

    expect([signal.aborted, signal.reason]).toEqual([true, { why: "stopping" }]);
    expect([after.signal.aborted, after.signal.reason]).toEqual([true, { why: "too long" }]);
    expect(after.signal).toBe(after.signal);
  });

  it("tells the first reason, once", () => {
    const stop = new TaskSwitch();
    let calls = 0;
    stop.onAbort(() => {
      calls += 1;
    });

    stop.abort({ why: "cancelled", by: "anna" });
    stop.abort({ why: "stopping" });

    expect([stop.stop, calls]).toEqual([{ why: "cancelled", by: "anna" }, 1]);
  });

  it("calls back at once who comes too late", () => {
    const stop = new TaskSwitch();
    stop.abort({ why: "stopping" });
    let calls = 0;
    stop.onAbort(() => {
      calls += 1;
    });

    expect(calls).toBe(1);
  });
});
