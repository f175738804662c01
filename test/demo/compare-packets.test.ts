import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareTracks, isRunOf } from "../../src/demo/compare-packets.ts";
import { packet, packets } from "./packets.ts";

const sent = packets(20);

describe("comparing what arrived with what was sent", () => {
  it("finds all in order where timestamps moved by one offset and the tracks were interleaved anew", () => {
    const moved = sent.map((one) => ({ ...one, timestampMs: one.timestampMs + 5000 }));
    const anew = [...moved.filter(({ track }) => track === "audio"), ...moved.filter(({ track }) => track === "video")];

    expect(compareTracks(sent, anew)).toEqual({ problem: null, counts: "video 10 of 10, audio 10 of 10" });
  });

  it.each([
    ["the first is missing", sent.slice(2), "video packet 0 of 10 is not the one that was sent"],
    ["one in the middle is missing", sent.toSpliced(8, 1), "video packet 4 of 10 is not the one that was sent"],
    ["the last is missing", sent.slice(0, -1), "audio ends after packet 9 of 10"],
    [
      "two changed places",
      sent.with(4, sent[6]!).with(6, sent[4]!),
      "video packet 2 of 10 is not the one that was sent",
    ],
    ["one came twice", [...sent, sent.at(-1)!], "1 more audio packets than were sent"],
    [
      "one was changed",
      sent.with(5, { ...sent[5]!, digest: "x" }),
      "audio packet 2 of 10 is not the one that was sent",
    ],
    ["nothing came", [], "no video arrived: video 0 of 10, audio 0 of 10"],
    [
      "audio alone came",
      sent.filter(({ track }) => track === "audio"),
      "no video arrived: video 0 of 10, audio 10 of 10",
    ],
  ])("says so when %s", (_name, got, problem) => {
    expect(compareTracks(sent, got).problem).toBe(problem);
  });

  it("sees a whole loop missing by its time, though the payloads are the same again", () => {
    const loop = (at: number) => [0, 1, 2, 3].map((n) => packet("video", at + n * 40, `v${n}`));
    const looped = [...loop(0), ...loop(160), ...loop(320)];

    expect(compareTracks(looped, [...loop(0), ...loop(320)]).problem).toBe(
      "video packet 4 of 12 is not the one that was sent",
    );
  });

  it("finds a fault wherever one packet is left out", () => {
    fc.assert(
      fc.property(fc.nat(sent.length - 1), (index) => compareTracks(sent, sent.toSpliced(index, 1)).problem !== null),
    );
  });
});

describe("a run of what was sent", () => {
  it("may begin later and end earlier", () => {
    expect(isRunOf(sent.slice(4, 12), sent)).toBe(true);
  });

  it("has no hole, and is not empty", () => {
    expect(isRunOf(sent.toSpliced(8, 1), sent)).toBe(false);
    expect(isRunOf([], sent)).toBe(false);
  });
});
