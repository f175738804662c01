import { render } from "ink-testing-library";
import { describe, expect, it } from "vitest";
import type { ViewerActivity } from "../../../src/domain/viewer-activity.ts";
import { initialModel, type TokensModel } from "../../../src/tui/tokens-top/model.ts";
import { TokensTop } from "../../../src/tui/tokens-top/tokens-top.tsx";
import { update } from "../../../src/tui/tokens-top/update.ts";
import { someViewers } from "../../support/screen/some-viewers.ts";
import { viewerServer } from "../../support/some-viewer-servers.ts";

const NOW = 1_700_000_000_000;

/** The model on so many columns after some keys. */
function play(activity: ViewerActivity | null, keys: readonly string[], columns = 80): TokensModel {
  let model: TokensModel = initialModel({ size: { columns, rows: 24 }, now: NOW, intervalMs: 1000 });
  if (activity) model = update(model, { kind: "loaded", data: activity, now: NOW }).model;
  for (const key of keys) model = update(model, { kind: "key", key }).model;
  return model;
}

/** The lines of that screen. */
function linesOf(activity: ViewerActivity | null, keys: readonly string[] = [], columns = 80): string[] {
  const { lastFrame, unmount } = render(<TokensTop model={play(activity, keys, columns)} onKey={() => {}} />);
  const frame = lastFrame() ?? "";
  unmount();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  const plain = frame.replace(/\u001b\[[0-9;]*m/g, "");
  return plain.split("\n").map((line) => line.trimEnd());
}

const sessions = ({ rows }: TokensModel) => rows.flatMap((row) => (row.is === "session" ? [row.session.key[0]] : []));

describe("the screen of viewer tokens", () => {
  it("shows servers and the busiest sessions on 80 columns", () => {
    expect(linesOf(someViewers(NOW)).slice(0, 9)).toEqual([
      "rig tokens top a second: ● 13 issued  2,000 renewed  ▲ 22 refused  ✖ 0.5 failed",
      "data 0s old · every 1 s · sort asked · no filter",
      "STATE      SERVER (2)              ISSUED/S RENEWED/S REFUSED/S  FAILED/S    AGE",
      "● serving  …00000000000000000000A        12     2,000        22         0  1h00m",
      "✖ failing  …00000000000000000000B       1.0         0         0       0.5  1h00m",
      "STATE      BUSIEST SESSION (3)                          LIVE   ASKED/S REFUSED/S",
      "▲ refused  eve                                           3/3        30        22",
      "● full     ada                                           3/3        10         0",
      "● ok       #xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…       1/3       2.5         0",
    ]);
  });

  it.each([40, 80, 200])("stays within 23 lines of %d cells, however many and long the things are", (columns) => {
    const long = `${"é".repeat(100)}\u001b]0;x\u0007${"漢".repeat(100)}`;
    const lines = linesOf(
      {
        servers: Array.from({ length: 30 }, (_, n) => viewerServer(`${long}${n}`, NOW)),
        sessions: Array.from({ length: 90 }, (_, n) => ({
          ...{ key: String(n), name: long, asked: 1e9, refused: 1e9, live: 1_000, limit: 1_000 },
        })),
      },
      ["G"],
      columns,
    );

    expect(lines).toHaveLength(23);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
    expect(lines.join("")).not.toContain("\u001b]");
  });

  it.each([
    ["details of a server", ["enter"], "50,000, of late 4000"],
    ["details of a session", ["G", "enter"], "rig tokens show --key xxx"],
    ["help", ["?"], "a renewal of a token that does not live"],
    ["a filter being typed", ["/", "a"], "/a▏ Enter applies"],
  ])("shows %s", (_what, keys, words) => {
    expect(linesOf(someViewers(NOW), keys).join("\n")).toContain(words);
  });

  it("says what to do where there is nothing", () => {
    expect(linesOf(null).join("\n")).toContain("Reading viewer tokens…");
    expect(linesOf({ servers: [], sessions: [] }).join("\n")).toContain("rig server --only tokens");
  });
});

describe("its list", () => {
  it.each([
    [[], ["e", "a", "x"]],
    [["I"], ["x", "a", "e"]],
    [["s"], ["e", "a", "x"]], // by refusals, then by key: a before x
    [
      ["s", "s"],
      ["a", "e", "x"],
    ], // by live tokens
    [
      ["s", "s", "s"],
      ["x", "a", "e"],
    ], // by name: # comes first
    [
      ["s", "s", "s", "s"],
      ["e", "a", "x"],
    ],
  ])("after %j is %j", (keys, order) => {
    expect(sessions(play(someViewers(NOW), keys))).toEqual(order);
  });

  it.each([
    ["refused>0", ["e"]],
    ["state=full", ["a"]],
    ["xxx", ["x"]],
    ["session~A", ["a"]],
    ["asked>=10 live=3", ["e", "a"]],
    ["failed>0", []],
  ])("filtered by %s is %j", (text, left) => {
    expect(sessions(play(someViewers(NOW), ["/", ...text, "enter"]))).toEqual(left);
  });

  it("stays as it is while frozen", () => {
    const frozen = play(someViewers(NOW), ["f"]);

    const { model } = update(frozen, { kind: "loaded", data: { servers: [], sessions: [] }, now: NOW + 9 });

    expect(sessions(model)).toHaveLength(3);
    expect(model.now).toBe(NOW + 9);
  });
});
