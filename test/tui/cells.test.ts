import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toCells } from "../../src/tui/cells.ts";

describe("fitting a text into cells", () => {
  it.each([
    ["abc", 5, "abc  "],
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["", 2, "  "],
    ["日本", 4, "日本"],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日… "], // half a character cannot be drawn
    ["e\u0301te\u0301", 3, "e\u0301te\u0301"], // combining accents take no cell
    ["👩‍👩‍👧 x", 4, "👩‍👩‍👧 x"],
    ["a\u001b[31mb", 7, "a\ufffd[31mb"], // no escape sequence gets through
    ["a\u202eb\nc", 5, "a\ufffdb\ufffdc"],
  ])("makes %j in %d cells %j", (text, width, fitted) => {
    expect(toCells(text, width)).toBe(fitted);
  });

  it("pads on the left for what is aligned to the right", () => {
    expect(toCells("7", 3, "right")).toBe("  7");
  });

  it("gives as many cells as asked for, for any text of one-cell characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(toCells(text, width)).toHaveLength(width);
      }),
    );
  });
});
