import { afterEach, describe, expect, it } from "vitest";
import { interruptible } from "../../../src/runtime/cli/interruptible.ts";

afterEach(() => {
  process.exitCode = undefined;
});

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

describe("what a person may interrupt", () => {
  it("gives its result and leaves no listener behind", async () => {
    const before = process.listenerCount("SIGHUP");

    expect(await interruptible(async () => 7)).toBe(7);
    expect(process.listenerCount("SIGHUP")).toBe(before);
    expect(process.exitCode).toBeUndefined();
  });

  it("has its signal aborted, and the exit code says by what", async () => {
    const work = interruptible(async (signal) => {
      await untilAborted(signal);
      return "cleaned up";
    });
    process.emit("SIGHUP", "SIGHUP");

    expect(await work).toBe("cleaned up");
    expect(process.exitCode).toBe(129);
  });

  it("may throw once it was told to stop, and not before", async () => {
    const work = interruptible(async (signal) => {
      await untilAborted(signal);
      throw new Error("aborted");
    });
    process.emit("SIGHUP", "SIGHUP");

    expect(await work).toBeNull();
    await expect(
      interruptible(async () => {
        throw new Error("a fault");
      }),
    ).rejects.toThrow("a fault");
  });
});
