import { describe, expect, it } from "vitest";
import { encodeAmf0 } from "../../src/rtmp/amf0.ts";
import { readAudioTag } from "../../src/rtmp/audio-tag.ts";
import { flvTag, parseFlv, writeFlv } from "../../src/rtmp/flv.ts";
import { MediaCache } from "../../src/rtmp/media-cache.ts";
import { mediaOf } from "../../src/rtmp/media-message.ts";
import type { MediaMessage } from "../../src/rtmp/message.ts";
import { parseRtmpUrl } from "../../src/rtmp/rtmp-url.ts";
import { readVideoTag } from "../../src/rtmp/video-tag.ts";

const bytes = (...values: (number | string)[]) =>
  Buffer.concat(values.map((value) => (typeof value === "string" ? Buffer.from(value, "latin1") : Buffer.of(value))));
const tag = (type: MediaMessage["type"], timestamp: number, payload: Buffer): MediaMessage => ({
  type,
  timestamp,
  payload,
});

describe("a video message", () => {
  it.each([
    ["an AVC header", bytes(0x17, 0, 0, 0, 0), { codec: "h264", kind: "sequence header", isKey: false }],
    ["an AVC key frame", bytes(0x17, 1, 0, 0, 0), { codec: "h264", kind: "frame", isKey: true }],
    ["an AVC inter frame", bytes(0x27, 1, 0, 0, 0), { codec: "h264", kind: "frame", isKey: false }],
    ["an AVC end of sequence", bytes(0x17, 2, 0, 0, 0), { codec: "h264", kind: "other", isKey: false }],
    ["a command frame", bytes(0x57, 1), { codec: "h264", kind: "other", isKey: false }],
    ["an HEVC header of enhanced RTMP", bytes(0x90, "hvc1"), { codec: "hvc1", kind: "sequence header", isKey: false }],
    ["an HEVC key frame", bytes(0x91, "hvc1", 0, 0, 0), { codec: "hvc1", kind: "frame", isKey: true }],
    [
      "an AV1 inter frame without composition time",
      bytes(0xa3, "av01"),
      { codec: "av01", kind: "frame", isKey: false },
    ],
    ["HDR metadata of enhanced RTMP", bytes(0x94, "hvc1"), { codec: "hvc1", kind: "other", isKey: false }],
    ["a FourCC of control characters", bytes(0x91, "\x1b[0m"), { codec: "?[0m", kind: "frame", isKey: true }],
    ["a Sorenson key frame", bytes(0x12), { codec: "h263", kind: "frame", isKey: true }],
    ["an empty one", bytes(), null],
    ["an AVC one cut short", bytes(0x17), null],
    ["an enhanced one cut short", bytes(0x90, "hvc"), null],
  ])("is told apart: %s", (_what, payload, expected) => {
    expect(readVideoTag(payload)).toEqual(expected);
  });
});

describe("an audio message", () => {
  it.each([
    ["an AAC header", bytes(0xaf, 0, 0x12), { codec: "aac", kind: "sequence header" }],
    ["an AAC frame", bytes(0xaf, 1, 0x12), { codec: "aac", kind: "frame" }],
    ["an MP3 frame", bytes(0x2f), { codec: "mp3", kind: "frame" }],
    ["an Opus header of enhanced RTMP", bytes(0x90, "Opus"), { codec: "Opus", kind: "sequence header" }],
    ["an Opus frame", bytes(0x91, "Opus", 1), { codec: "Opus", kind: "frame" }],
    ["an empty one", bytes(), null],
    ["an AAC one cut short", bytes(0xaf), null],
  ])("is told apart: %s", (_what, payload, expected) => {
    expect(readAudioTag(payload)).toEqual(expected);
  });
});

describe("the media in a message", () => {
  it("is freed of @setDataFrame and of the AMF3 byte", () => {
    const data = encodeAmf0("onMetaData", null);
    const wrapped = encodeAmf0("@setDataFrame", "onMetaData", null);

    expect(mediaOf({ type: 18, timestamp: 5, streamId: 1, payload: wrapped })).toEqual([tag(18, 5, data)]);
    expect(mediaOf({ type: 15, timestamp: 5, streamId: 1, payload: bytes(0, wrapped.toString("latin1")) })).toEqual([
      tag(18, 5, data),
    ]);
  });

  it("is taken out of an aggregate, with times counted from the aggregate's own", () => {
    const inner = [tag(8, 100, bytes(0xaf, 1)), tag(9, 140, bytes(0x27, 1)), tag(8, 0x1000010, bytes(0xaf, 2))];
    const payload = Buffer.concat([...inner.map(flvTag), bytes(8, 0, 0, 99, 0)]); // and one that is cut short

    const media = mediaOf({ type: 22, timestamp: 1_000, streamId: 1, payload });

    expect(media.map(({ timestamp }) => timestamp)).toEqual([1_000, 1_040, 1_000 + 0x1000010 - 100]);
    expect(media.map((one) => one.payload)).toEqual(inner.map((one) => one.payload));
  });

  it("is nothing in a protocol message", () => {
    expect(mediaOf({ type: 4, timestamp: 0, streamId: 0, payload: bytes(0, 6) })).toEqual([]);
  });
});

describe("FLV", () => {
  it("gives back what was written, across 2^24 ms, and what is whole of a file cut short", () => {
    const tags = [
      tag(18, 0, encodeAmf0("onMetaData")),
      tag(9, 0xffffff, bytes(0x17, 1)),
      tag(8, 0x1000000, bytes(0xaf, 1)),
    ];
    const file = writeFlv(tags);

    expect(parseFlv(file)).toEqual(tags);
    expect(parseFlv(file.subarray(0, file.length - 5))).toEqual(tags.slice(0, 2));
    expect(parseFlv(Buffer.from("not FLV at all"))).toBeNull();
  });
});

describe("the header cache", () => {
  it("keeps the newest of each and gives them in the order that players need", () => {
    const cache = new MediaCache();
    const [audio, video] = [tag(8, 0, bytes(0xaf, 0, 1)), tag(9, 0, bytes(0x17, 0, 0, 0, 0, 1))];
    const changed = tag(9, 900, bytes(0x17, 0, 0, 0, 0, 2));
    const metadata = tag(18, 0, encodeAmf0("onMetaData", null));

    const taken = [audio, video, metadata, tag(9, 1, bytes(0x17, 1)), tag(18, 1, encodeAmf0("onTextData")), changed];

    expect(taken.map((message) => cache.take(message))).toEqual([true, true, true, false, false, true]);
    expect(cache.headers()).toEqual([metadata, changed, audio]);
    expect(cache.revision).toBe(4);
  });
});

describe("an RTMP address", () => {
  it.each([
    ["rtmp://h/live/key?a=b", { tls: false, host: "h", port: 1935, app: "live", name: "key?a=b" }],
    ["rtmps://[::1]:8443/a/b/key", { tls: true, host: "::1", port: 8443, app: "a/b", name: "key" }],
    ["http://h/live/key", null],
    ["rtmp://h/live", null],
  ])("is read: %s", (url, expected) => {
    expect(parseRtmpUrl(url)).toEqual(expected);
  });
});
