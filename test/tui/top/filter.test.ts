import { describe, expect, it } from "vitest";
import { parseFilter } from "../../../src/tui/top/filter.ts";
import { liveStreams, relayLine, streamLine } from "../../../src/tui/top/line.ts";
import { manyStreams } from "../../support/screen/many-streams.ts";

const now = Date.now();
const [stream] = liveStreams(
  manyStreams(1, now).map((status) => ({
    ...status,
    title: "Evening News",
    publish: status.publish && { ...status.publish, ingestBps: 1_500_000, startedAt: now - 120_000, lostFrames: 3 },
  })),
);
const own = streamLine(stream!);
const [pushing, waiting] = stream!.publish.relays.map((relay) => relayLine(stream!, relay));

const passes = (text: string, line = own): boolean => {
  const parsed = parseFilter(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed.filter(line, now);
};

describe("a filter", () => {
  it.each([
    ["", true],
    ["   ", true],
    ["kbps<2000", true],
    ["kbps<1500", false],
    ["kbps<=1500", true],
    ["kbps>=1.5k", true],
    ["kbps>1.5k", false],
    ["kbps=1500", true],
    ["kbps!=1500", false],
    ["age>1m", true],
    ["age>2m", false],
    ["age<1h", true],
    ["state=slow", true],
    ["STATE=Slow", true],
    ["state=live", false],
    ["kbps<2000 state=slow", true],
    ["kbps<2000 state=live", false],
    ['title="evening news"', true],
    ["title=news", true],
    ["title~even", true],
    ["title=even", false],
    ["user!=user1", true],
    ["evening", true],
    ['"evening news"', true],
    ["morning", false],
    ["lost=3 relays=3", true],
    ["attempt>0", false], // a stream has no attempt of its own
    ["reason=", true],
  ])("%j on a stream gives %s", (text, passed) => {
    expect(passes(text)).toBe(passed);
  });

  it.each([
    ["state=waiting", true],
    ["state=down", true],
    ["state=pushing", false],
    ["reason~refused", true],
    ['reason="connection refused"', true],
    ["attempt>=3 retry<=10", true],
    ["refused", true],
    ["title~news", true], // what belongs to its stream
    ["speed<1", false], // unknown is not less
  ])("%j on a relay that waits gives %s", (text, passed) => {
    expect(passes(text, waiting)).toBe(passed);
  });

  it("reads a relay's own figures on its line", () => {
    expect(passes("kbps<1300 speed=1 state=live lost=0", pushing)).toBe(true);
  });

  it.each([
    ["bitrate<3", 'no field "bitrate": state title user'],
    ["kbps<fast", 'kbps< needs a number, got "fast"'],
    ["kbps>", 'kbps> needs a number, got ""'],
    ["kbps<2x", 'kbps< needs a number, got "2x"'],
  ])("says what is wrong with %j", (text, problem) => {
    const parsed = parseFilter(text);

    expect("problem" in parsed && parsed.problem).toContain(problem);
  });
});
