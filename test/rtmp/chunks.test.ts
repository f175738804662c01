import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkReader } from "../../src/rtmp/chunk-reader.ts";
import { chunkMessage } from "../../src/rtmp/chunk-writer.ts";
import { DEFAULT_LIMITS } from "../../src/rtmp/limits.ts";
import { MESSAGE, numberMessage, type RtmpMessage } from "../../src/rtmp/message.ts";

const LIMITS = { ...DEFAULT_LIMITS, maxPartialBytes: 200_000, maxChunkStreams: 5 };

function readAll(parts: readonly Buffer[], maxMessageBytes = 100_000) {
  const reader = new ChunkReader(LIMITS);
  reader.maxMessageBytes = maxMessageBytes;
  const messages: RtmpMessage[] = [];
  for (const part of parts) {
    const error = reader.push(part, (message) => messages.push(message));
    if (error) return { messages, error };
  }
  return { messages, error: null };
}

const video = (timestamp: number, payload: Buffer, streamId = 1): RtmpMessage => ({
  type: 9,
  timestamp,
  streamId,
  payload,
});
/** A chunk header of formats 0, 1 and 2 by hand. */
const head = (format: number, chunkStream: number, time: number, length = 0, type = 9, streamId = 1): Buffer => {
  const bytes = Buffer.alloc(12);
  bytes[0] = (format << 6) | chunkStream;
  bytes.writeUIntBE(time, 1, 3);
  bytes.writeUIntBE(length, 4, 3);
  bytes[7] = type;
  bytes.writeUInt32LE(streamId, 8);
  return bytes.subarray(0, [12, 8, 4, 1][format]);
};
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const slices = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
};

describe("chunks", () => {
  it("give the messages back, whatever their size, time, chunk size and the way they arrive", () => {
    const message = fc.record({
      type: fc.constantFrom(8, 9, 18, 20),
      timestamp: fc.oneof(fc.nat(5_000), fc.constantFrom(0xfffffe, 0xffffff, 0x1000000, 0xffffffff)),
      streamId: fc.constantFrom(0, 1),
      payload: fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
    });
    const cuts = fc.array(fc.nat(20_000), { maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc.integer({ min: 1, max: 300 }),
        cuts,
        (some, chunkSize, at) => {
          const size = chunkMessage(numberMessage(MESSAGE.setChunkSize, chunkSize), 128);
          const wire = Buffer.concat([size, ...some.map((one) => chunkMessage(one, chunkSize))]);

          expect(readAll(slices(wire, at))).toEqual({ messages: some, error: null });
        },
      ),
    );
  });

  it("carry steps from header to header, and the same one where there is none", () => {
    const body = Buffer.from("ab");
    const wire = [head(0, 6, 1_000, 2), body, head(1, 6, 40, 2), body, head(2, 6, 20), body, head(3, 6, 0), body];

    expect(readAll(wire).messages.map(({ timestamp }) => timestamp)).toEqual([1_000, 1_040, 1_060, 1_080]);
  });

  it("count a format 3 after a format 0 by that header's time, as the standard says", () => {
    const wire = [head(0, 6, 23, 1), Buffer.from("a"), head(3, 6, 0), Buffer.from("b")];

    expect(readAll(wire).messages.map(({ timestamp }) => timestamp)).toEqual([23, 46]);
  });

  it("wrap at 2^32 milliseconds", () => {
    const wire = [head(0, 6, 0xffffff, 1), uint32(0xfffffff0), Buffer.from("a"), head(1, 6, 0x20, 1), Buffer.from("b")];

    expect(readAll(wire).messages.map(({ timestamp }) => timestamp)).toEqual([0xfffffff0, 0x10]);
  });

  it.each([
    ["repeated", true],
    ["not repeated", false],
  ])("have an extended timestamp that is %s on the chunks that follow, byte by byte too", (_how, isRepeated) => {
    const payload = Buffer.alloc(300, 7);
    const extended = uint32(0x1234567);
    const more = isRepeated ? extended : Buffer.alloc(0);
    const wire = Buffer.concat([
      ...[head(0, 6, 0xffffff, 300), extended, payload.subarray(0, 128)],
      ...[head(3, 6, 0), more, payload.subarray(128, 256), head(3, 6, 0), more, payload.subarray(256)],
    ]);

    const expected = [video(0x1234567, payload)];
    expect(readAll([wire]).messages).toEqual(expected);
    expect(readAll([...wire].map((byte) => Buffer.of(byte))).messages).toEqual(expected);
  });

  it("of several messages may be mixed, with ids of one, two and three bytes", () => {
    const [a, b, c] = [Buffer.alloc(200, 1), Buffer.alloc(200, 2), Buffer.alloc(200, 3)];
    const long = (id: number[], format: number) =>
      Buffer.concat([Buffer.of((format << 6) | (id.length - 2), ...id.slice(1))]);
    const fields = head(0, 6, 5, 200).subarray(1);
    const [two, three] = [
      [0, 10],
      [1, 5, 2],
    ];
    const start = [
      head(0, 6, 5, 200),
      a.subarray(0, 128),
      long(two, 0),
      fields,
      b.subarray(0, 128),
      long(three, 0),
      fields,
    ];
    const rest = [
      c.subarray(0, 128),
      head(3, 6, 0),
      a.subarray(128),
      long(three, 3),
      c.subarray(128),
      long(two, 3),
      b.subarray(128),
    ];

    expect(readAll([...start, ...rest]).messages.map(({ payload }) => payload[0])).toEqual([1, 3, 2]);
  });

  it("of an aborted message are forgotten", () => {
    const abort = chunkMessage(numberMessage(MESSAGE.abort, 6), 128);
    const whole = Buffer.alloc(200, 2);
    const begun = [head(0, 6, 5, 200), Buffer.alloc(128, 1)];
    const anew = [head(3, 6, 0), whole.subarray(0, 128), head(3, 6, 0), whole.subarray(128)];

    expect(readAll([...begun, abort, ...anew]).messages).toEqual([video(10, whole)]);
  });

  it("may begin a chunk stream with format 1, as librtmp does", () => {
    expect(readAll([head(1, 6, 7, 1), Buffer.from("a")]).messages).toMatchObject([{ timestamp: 7, streamId: 0 }]);
  });

  it.each([
    ["begin with format 2", [head(2, 6, 7)], "PROTOCOL"],
    ["begin with format 3", [head(3, 6, 0)], "PROTOCOL"],
    ["announce more than is allowed", [head(0, 6, 0, 100_001)], "LIMIT"],
    [
      "open a sixth chunk stream",
      [3, 4, 5, 6, 7, 8].flatMap((id) => [head(0, id, 0, 200), Buffer.alloc(128)]),
      "LIMIT",
    ],
  ])("that %s are an error", (_what, parts, code) => {
    expect(readAll(parts).error).toMatchObject({ code });
  });

  it("cannot make it hold more than the limit, however many messages are begun", () => {
    const chunkSize = chunkMessage(numberMessage(MESSAGE.setChunkSize, 89_999), 128);
    const begun = [3, 4, 5].flatMap((id) => [head(0, id, 0, 90_000), Buffer.alloc(89_999)]);

    expect(readAll([chunkSize, ...begun.slice(0, 4)]).error).toBeNull();
    expect(readAll([chunkSize, ...begun]).error).toMatchObject({ code: "LIMIT" });
  });

  it("have a size of at least one byte", () => {
    const chunkSize = chunkMessage(numberMessage(MESSAGE.setChunkSize, 0), 128);
    const wire = [chunkSize, head(0, 6, 0, 2), Buffer.from("a"), head(3, 6, 0), Buffer.from("b")];

    expect(readAll(wire).messages).toEqual([video(0, Buffer.from("ab"))]);
  });

  it("of any content never make it throw", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 30 }), (parts) => {
        readAll(parts.map((part) => Buffer.from(part)));
      }),
      { numRuns: 2_000 },
    );
  });
});
