import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../../../../src/embedded/etcd/log/byte-reader.ts";
import { ByteWriter } from "../../../../src/embedded/etcd/log/byte-writer.ts";
import { type Entry, readEntry, writeEntry } from "../../../../src/embedded/etcd/log/entry.ts";
import { FRAME_HEAD_BYTES, findLaterFrame, readFrame, sealFrame } from "../../../../src/embedded/etcd/log/frame.ts";

const frameOf = (sequence: number, text: string) =>
  sealFrame(Buffer.concat([Buffer.alloc(FRAME_HEAD_BYTES), Buffer.from(text)]), sequence);

describe("a frame", () => {
  it("is read back with its sequence number and the place of the next", () => {
    const file = Buffer.concat([frameOf(7, "first"), frameOf(8, "")]);
    const first = readFrame(file, 0);
    const second = readFrame(file, first?.end ?? 0);

    expect([first?.sequence, String(first?.payload)]).toEqual([7, "first"]);
    expect([second?.sequence, second?.end]).toEqual([8, file.length]);
    expect(readFrame(file, file.length)).toBeNull();
  });

  it("is none with any bit of it flipped, or any byte of it missing", () => {
    const frame = frameOf(3, "payload");
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const flipped = Buffer.from(frame);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(readFrame(flipped, 0), `bit ${bit}`).toBeNull();
    }
    for (let length = 0; length < frame.length; length++) expect(readFrame(frame.subarray(0, length), 0)).toBeNull();
  });

  it("is found behind a damaged one, and only where it is later", () => {
    const damaged = frameOf(4, "damaged");
    damaged[FRAME_HEAD_BYTES] = 0;
    const file = Buffer.concat([damaged, frameOf(5, "behind")]);

    expect(findLaterFrame(file, 0, 4)?.sequence).toBe(5);
    expect(findLaterFrame(file, 0, 5)).toBeNull();
  });
});

describe("entries", () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((raw) => Buffer.from(raw).toString("latin1"));
  const lease = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
  const natural = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const change = fc.record({ key: bytes, value: fc.option(bytes), lease });
  const entry: fc.Arbitrary<Entry> = fc.oneof(
    fc.record({ kind: fc.constant("changes"), revision: natural, changes: fc.array(change) }),
    fc.record({ kind: fc.constant("grant"), lease, ttlSeconds: natural }),
    fc.record({ kind: fc.constant("revoke"), lease }),
    fc.record({ kind: fc.constant("compact"), revision: natural }),
  );

  it("are read back as they were written, any number of them", () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const writer = new ByteWriter();
        for (const one of entries) writeEntry(writer, one);
        const reader = new ByteReader(writer.view());
        const read: Entry[] = [];
        while (!reader.done) read.push(readEntry(reader));

        expect(read).toEqual(entries);
      }),
    );
  });

  it("of an unknown kind are an error", () => {
    expect(() => readEntry(new ByteReader(Buffer.from([99])))).toThrow(RangeError);
  });
});
