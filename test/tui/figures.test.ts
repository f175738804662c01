import { describe, expect, it } from "vitest";
import { kbits, shortBytes, shortDuration } from "../../src/tui/figures.ts";

describe("figures", () => {
  it.each([
    [-5, "0s"],
    [59_999, "59s"],
    [60_000, "1:00"],
    [754_000, "12:34"],
    [3_600_000, "1h00m"],
    [86_399_000, "23h59m"],
    [86_400_000, "1d00h"],
    [1_050_000_000, "12d03h"],
  ])("shows %d ms as %s", (ms, text) => {
    expect(shortDuration(ms)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [99_949, "99.9 kB"],
    [99_950, "100 kB"],
    [999_500, "1.0 MB"],
    [1_234_567_890, "1.2 GB"],
  ])("shows %d bytes as %s", (bytes, text) => {
    expect(shortBytes(bytes)).toBe(text);
  });

  it("shows bits per second as whole kbit/s", () => {
    expect(kbits(1_152_499)).toBe("1,152");
  });
});
