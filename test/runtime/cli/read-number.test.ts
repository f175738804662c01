import { describe, expect, it } from "vitest";
import { readDuration, readWhole } from "../../../src/runtime/cli/read-number.ts";

describe("a duration", () => {
  it.each([
    ["0s", 0],
    ["500ms", 500],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
  ])("%s is %d ms", (typed, ms) => {
    expect(readDuration("--delay", typed)).toBe(ms);
  });

  it.each(["", "5", "m", "-5m", "5 m", "5w", "1e3s", "5m5s"])("is not %j", (typed) => {
    expect(() => readDuration("--delay", typed)).toThrow(
      `--delay must be a duration like 90s, 5m or 2h, got ${JSON.stringify(typed)}`,
    );
  });
});

describe("a whole number", () => {
  it.each([
    ["0", 0],
    ["9", 9],
  ])("%s is taken at the bound", (typed, value) => {
    expect(readWhole("--priority", typed, 0, 9)).toBe(value);
  });

  it.each(["10", "-1", "1.5", "", "x", " 1"])("is not %j", (typed) => {
    expect(() => readWhole("--priority", typed, 0, 9)).toThrow(
      `--priority must be a whole number from 0 to 9, got ${JSON.stringify(typed)}`,
    );
  });
});
