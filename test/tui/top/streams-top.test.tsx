import { render } from "ink-testing-library";
import { describe, expect, it } from "vitest";
import type { StreamStatus } from "../../../src/domain/live.ts";
import { initialModel, type TopModel } from "../../../src/tui/top/model.ts";
import { StreamsTop } from "../../../src/tui/top/streams-top.tsx";
import { update } from "../../../src/tui/top/update.ts";
import { manyStreams } from "../../support/screen/many-streams.ts";
import { until } from "../../support/until.ts";

const NOW = 1_700_000_000_000;

function modelWith(
  statuses: readonly StreamStatus[],
  { columns = 80, rows = 24, keys = [] as string[] } = {},
): TopModel {
  const empty = initialModel({ size: { columns, rows }, now: NOW, intervalMs: 500 });
  const loaded = update(empty, { kind: "loaded", data: statuses, now: NOW }).model;
  return keys.reduce((model, key) => update(model, { kind: "key", key }).model, loaded);
}

/** What one frame shows, without colours. */
function draw(model: TopModel): string {
  const { lastFrame, unmount } = render(<StreamsTop model={model} onKey={() => {}} />);
  const frame = lastFrame() ?? "";
  unmount();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  return frame.replace(/\u001b\[[0-9;]*m/g, "");
}

describe("the screen of live streams", () => {
  it.each([
    [80, 24],
    [60, 12],
    [100, 60],
  ])("keeps within %d columns and one line less than %d rows", (columns, rows) => {
    const lines = draw(modelWith(manyStreams(100, NOW), { columns, rows })).split("\n");

    expect(lines).toHaveLength(rows - 1);
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
  });

  it("tells each state by a sign and a word, not by colour alone", () => {
    const frame = draw(modelWith(manyStreams(1, NOW)));

    expect(frame).toContain("● 1 live ▲ 1 slow ✖ 1 down");
    expect(frame).toMatch(/● pushing .* #1 .* 1\.00x/);
    expect(frame).toMatch(/✖ waiting .* connection refused +#3 +\d+s/);
    expect(frame).toMatch(/▲ slow .* 0\.91x +12/);
    expect(frame).toMatch(/▲ slow +user0 \/ Show 00000 +1\/3 up/);
  });

  it("lets no control character of a title reach the terminal", () => {
    const [stream] = manyStreams(1, NOW);
    const { lastFrame, unmount } = render(
      <StreamsTop
        model={modelWith([{ ...stream!, title: "\u001b]0;owned\u0007\u202eevil", username: "a\u001b[2Jb" }], {
          keys: ["enter"],
        })}
        onKey={() => {}}
      />,
    );
    const frame = lastFrame() ?? "";
    unmount();

    expect(frame).toContain("\ufffd]0;owned\ufffd\ufffdevil");
    for (const control of ["\u001b]", "\u0007", "\u202e", "\u001b[2J"]) expect(frame).not.toContain(control);
  });

  it("says what to do where no stream is live", () => {
    expect(draw(modelWith([]))).toContain("rig streams add --user NAME --title TITLE");
  });

  it("says that nothing matches the filter, and how to clear it", () => {
    const frame = draw(modelWith(manyStreams(3, NOW), { keys: ["/", ..."user=nobody", "enter"] }));

    expect(frame).toContain("Nothing matches the filter user=nobody");
    expect(frame).toContain("Escape clears it");
  });

  it("keeps the last data and says STALE with the reason when the store is lost", () => {
    const model = modelWith(manyStreams(1, NOW));
    const lost = update(model, { kind: "load failed", problem: "etcd does not answer", now: NOW + 12_000 }).model;
    const frame = draw(lost);

    expect(frame).toContain("STALE data 12s old: etcd does not answer");
    expect(frame).toContain("Show 00000");
  });

  it("asks by name before it drops", () => {
    expect(draw(modelWith(manyStreams(1, NOW), { keys: ["x"] }))).toContain(
      'Drop the publisher of "Show 00000" (user0)?',
    );
  });

  it("shows the relay's reason, attempt and next retry in the details", () => {
    const frame = draw(modelWith(manyStreams(1, NOW), { keys: ["j", "j", "enter"] }));

    expect(frame).toMatch(/reason +connection refused/);
    expect(frame).toMatch(/attempt +3, next retry \d+s/);
    expect(frame).toContain("01KDEST0000000000000B00000");
  });

  it.each([
    ["j", ["j"]],
    ["\u001b[A", ["up"]],
    ["\u001b[6~", ["pagedown"]],
    ["\r", ["enter"]],
    ["\u007f", ["backspace"]],
    ["\u0003", ["ctrl-c"]],
    ["gg", ["g", "g"]],
    ["/kbps<2\r", ["/", "k", "b", "p", "s", "<", "2", "enter"]],
  ])("hands the typed %j on as %j", async (typed, names) => {
    const keys: string[] = [];
    const { stdin, unmount } = render(<StreamsTop model={modelWith([])} onKey={(key) => keys.push(key)} />);

    stdin.write(typed);
    await until(() => keys.length === names.length);
    unmount();

    expect(keys).toEqual(names);
  });
});
