import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scrollTo } from "../../../src/tui/live/scroll.ts";

describe("scrolling", () => {
  it.each([
    ["stays where the chosen line is in sight", 5, 3, 100, 10, { selected: 5, top: 3 }],
    ["goes down as far as needed", 13, 3, 100, 10, { selected: 13, top: 4 }],
    ["goes up as far as needed", 2, 3, 100, 10, { selected: 2, top: 2 }],
    ["ends at the last line, the window full", 500, 3, 100, 10, { selected: 99, top: 90 }],
    ["begins at the first", -3, 3, 100, 10, { selected: 0, top: 0 }],
    ["shows a short list from its beginning", 4, 3, 5, 10, { selected: 4, top: 0 }],
    ["has nothing to choose in an empty list", 4, 3, 0, 10, { selected: 0, top: 0 }],
  ])("%s", (_name, selected, top, lineCount, height, wanted) => {
    expect(scrollTo(selected, { top }, lineCount, height)).toEqual(wanted);
  });

  it("always keeps the chosen line in sight", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(200), fc.integer({ min: 1, max: 200 }), fc.nat(60), (to, top, lines, height) => {
        const scroll = scrollTo(to, { top }, lines, height);

        expect(scroll.selected).toBeGreaterThanOrEqual(scroll.top);
        expect(scroll.selected).toBeLessThan(scroll.top + Math.max(1, height));
      }),
    );
  });
});
