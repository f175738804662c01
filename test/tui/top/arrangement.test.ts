import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrange, indexOf, linesFrom, type Order } from "../../../src/tui/top/arrangement.ts";
import { parseFilter } from "../../../src/tui/top/filter.ts";
import { type LiveStream, lineId, liveStreams } from "../../../src/tui/top/line.ts";
import { manyStreams } from "../../support/screen/many-streams.ts";

const now = Date.now();
const streams = liveStreams(manyStreams(4, now)).map(
  (stream, index): LiveStream => ({
    ...stream,
    health: index === 2 ? "down" : index === 0 ? "live" : "slow",
    publish: { ...stream.publish, ingestBps: [3, 1, 4, 1][index]! * 1000, lostFrames: index, startedAt: now - index },
  }),
);

const filterOf = (text: string) => {
  const parsed = parseFilter(text);
  return "filter" in parsed ? parsed.filter : null;
};

const titles = (order: Order, inverted = false, text = "") =>
  arrange(streams, { order, inverted, filter: text ? filterOf(text) : null, now }).groups.map(({ stream }) =>
    streams.findIndex(({ status }) => status === stream.status),
  );

describe("the order of the lines", () => {
  it.each<[Order, number[]]>([
    ["state", [2, 1, 3, 0]], // down, slow (by id), live
    ["title", [0, 1, 2, 3]],
    ["user", [0, 1, 2, 3]],
    ["kbps", [1, 3, 0, 2]],
    ["lost", [3, 2, 1, 0]],
    ["age", [0, 1, 2, 3]],
  ])("by %s begins with what is looked for", (order, wanted) => {
    expect(titles(order)).toEqual(wanted);
  });

  it("can be inverted, and equal ones stay in the order of their ids", () => {
    expect(titles("kbps", true)).toEqual([2, 0, 1, 3]);
  });
});

describe("a filtered list", () => {
  it("shows a stream that does not pass above those of its relays that do", () => {
    const arrangement = arrange(streams, { order: "title", inverted: false, filter: filterOf("state=waiting"), now });

    expect(arrangement.groups).toHaveLength(4);
    expect(linesFrom(arrangement, 0, 2).map(({ relay }) => relay?.state ?? null)).toEqual([null, "waiting"]);
  });

  it("shows all relays of a stream that passes", () => {
    const arrangement = arrange(streams, { order: "title", inverted: false, filter: filterOf("lost=3 relays>0"), now });

    expect(arrangement.lineCount).toBe(4);
  });
});

describe("lines by number", () => {
  it("are the streams, each followed by its relays, and are found again by their id", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 12 }), fc.nat(60), (relayCounts, first) => {
        const many = liveStreams(manyStreams(relayCounts.length, now)).map((stream, index) => ({
          ...stream,
          publish: { ...stream.publish, relays: stream.publish.relays.slice(0, relayCounts[index]) },
        }));
        const arrangement = arrange(many, { order: "title", inverted: false, filter: null, now });
        const lines = linesFrom(arrangement, first, 10);

        expect(arrangement.lineCount).toBe(relayCounts.reduce((sum, count) => sum + 1 + count, 0));
        expect(lines.map((line) => indexOf(arrangement, lineId(line)))).toEqual(lines.map((_, index) => first + index));
      }),
    );
  });
});
