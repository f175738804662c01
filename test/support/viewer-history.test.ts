import { describe, expect, it } from "vitest";
import { unexplained, type ViewerEvent } from "./viewer-history.ts";

const RULES = { limit: 2, expiryMs: 1_000 };
type Row = readonly [invokedAt: number, answeredAt: number, shown: string | null, got: ViewerEvent["got"]];
const history = (...rows: readonly Row[]): ViewerEvent[] =>
  rows.map(([invokedAt, answeredAt, shown, got]) => ({ session: "ada", invokedAt, answeredAt, shown, got }));
const full: readonly Row[] = [
  [0, 10, null, "a"],
  [20, 30, null, "b"],
];

describe("a history that some order explains", () => {
  it.each<[string, readonly Row[]]>([
    ["of one after the other", [...full, [40, 50, null, null], [60, 70, "a", "a"], [1_035, 1_040, null, "c"]]],
    [
      "where the refused one came after those that were answered later",
      [
        [0, 100, null, null],
        [5, 90, null, "a"],
        [5, 90, null, "b"],
      ],
    ],
    ["where three take turns at the end of a token", [...full, [1_005, 1_020, null, null], [1_005, 1_020, null, "c"]]],
    ["where a token is dead and shown", [...full, [1_020, 1_030, "a", null], [1_040, 1_050, "c", null]]],
    [
      "where one without an answer took a place",
      [
        [0, 10, null, "a"],
        [20, 30, null, "unknown"],
        [40, 50, null, null],
      ],
    ],
    [
      "where one without an answer took none",
      [[0, 10, null, "unknown"], ...full.map(([i, a, s, g]): Row => [i + 20, a + 20, s, g])],
    ],
    [
      "where a renewal without an answer kept a token alive",
      [...full, [900, 950, "a", "unknown"], [1_500, 1_510, "a", "a"]],
    ],
    ["of nothing", []],
  ])("%s", (_what, rows) => {
    expect(unexplained(history(...rows), RULES)).toBe(null);
  });
});

describe("a history that no order explains", () => {
  it.each<[string, readonly Row[]]>([
    ["one too many, one after the other", [...full, [40, 50, null, "c"]]],
    [
      "one too many at once",
      [
        [0, 100, null, "a"],
        [0, 100, null, "b"],
        [0, 100, null, "c"],
      ],
    ],
    [
      "a refusal where there is room",
      [
        [0, 10, null, "a"],
        [20, 30, null, null],
      ],
    ],
    ["a refusal after two have died", [...full, [1_050, 1_060, null, null]]],
    ["a dead token that is renewed", [...full, [1_050, 1_060, "a", "a"]]],
    ["a token of nobody's that is renewed", [...full, [40, 50, "c", "c"]]],
    ["another token than the one that was shown", [...full, [40, 50, "a", "b"]]],
    ["a live token that is refused", [...full, [40, 50, "a", null]]],
    ["a renewed token that is refused", [...full, [500, 510, "a", "a"], [1_100, 1_110, "a", null]]],
    ["a renewal that was forgotten", [...full, [500, 510, "a", "a"], [520, 530, "b", "b"], [1_100, 1_110, null, "c"]]],
    [
      "a stale refusal: the token had died before it was asked",
      [
        [0, 10, null, "a"],
        [0, 10, null, "b"],
        [1_020, 1_030, null, null],
      ],
    ],
    [
      "a token before it was given",
      [
        [100, 110, null, "a"],
        [10, 20, "a", "a"],
      ],
    ],
  ])("%s", (_what, rows) => {
    expect(unexplained(history(...rows), RULES)).not.toBe(null);
  });

  it("is found in the middle of a long one", () => {
    const long = Array.from({ length: 3_000 }, (_, i): Row => {
      const at = Math.floor(i / 3) * 30;
      return i < 2
        ? [0, 20, null, `t${i}`]
        : i === 1_500
          ? [at, at + 20, null, "extra"]
          : [at, at + 20, `t${i % 2}`, `t${i % 2}`];
    });
    const [extra] = history(long[1_500]!);

    expect(unexplained(history(...long), RULES)).toContainEqual(extra);
    expect(unexplained(history(...long.filter((_row, i) => i !== 1_500)), RULES)).toBe(null);
  });
});
