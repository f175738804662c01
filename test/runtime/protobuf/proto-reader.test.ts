import { describe, expect, it } from "vitest";
import { ProtoReader } from "../../../src/runtime/protobuf/proto-reader.ts";

const reader = (hex: string): ProtoReader => new ProtoReader(Buffer.from(hex.replaceAll(" ", ""), "hex"));

/** What the only field of a message says. */
function only<T>(hex: string, read: (from: ProtoReader) => T): T {
  const from = reader(hex);
  from.field();
  return read(from);
}

const MINUS_ONE = "08 ff ff ff ff ff ff ff ff ff 01";
const LARGEST = "08 ff ff ff ff ff ff ff ff 7f";

describe("a reader of protobuf", () => {
  it.each([
    ["0", "08 00", 0],
    ["two bytes", "08 80 01", 128],
    ["the largest that it holds exactly", "08 ff ff ff ff ff ff ff 0f", 2 ** 53 - 1],
    ["a negative one", MINUS_ONE, -1],
    ["the largest, without its last digits", LARGEST, 2 ** 63],
  ])("reads a number of %s", (_what, hex, expected) => {
    expect(only(hex, (from) => from.number())).toBe(expected);
  });

  it("reads 64 bits exactly, and not those of the number before", () => {
    const longs = [LARGEST, MINUS_ONE, MINUS_ONE, "08 80 80 80 80 80 80 80 80 80 01", "08 ff ff ff ff ff ff ff 1f"];

    expect(longs.map((hex) => only(hex, (from) => from.long()))).toEqual([
      "9223372036854775807",
      "-1",
      "-1",
      "-9223372036854775808",
      "18014398509481983",
    ]);
  });

  it("reads bytes as characters from 0 to 255, and as UTF-8", () => {
    const hex = "0a 03 c3 a9 ff";

    expect(only(hex, (from) => from.latin1())).toBe("\u00c3\u00a9\u00ff");
    expect(only(hex, (from) => from.text())).toBe("é\ufffd");
    expect(only(hex, (from) => from.bytes().toString("hex"))).toBe("c3a9ff");
  });

  it("reads the numbers of a repeated field one by one or packed", () => {
    expect(only("08 05", (from) => from.numbers())).toEqual([5]);
    expect(only("0a 04 05 80 01 00", (from) => from.numbers())).toEqual([5, 128, 0]);
    expect(() => only("0a 02 05 80", (from) => from.numbers())).toThrow(RangeError);
  });

  it("passes over what it is told to skip, groups with others in them too", () => {
    const from = reader("08 05  11 0102030405060708  1a 02 ffff  25 01020304  2b 33 08 01 34 1a 01 00 2c  30 07");
    const fields: number[] = [];
    for (let field = from.field(); field !== 0; field = from.field()) {
      fields.push(field);
      if (field === 6) expect(from.number()).toBe(7);
      else from.skip();
    }

    expect(fields).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ["a number where bytes belong", "08 05", (from: ProtoReader) => from.bytes()],
    ["bytes where a number belongs", "0a 01 05", (from: ProtoReader) => from.number()],
    ["four bytes where a long belongs", "0d 01020304", (from: ProtoReader) => from.long()],
    ["a number where a message belongs", "08 05", (from: ProtoReader) => from.message()],
    ["a group that does not end", "0b 08 01", (from: ProtoReader) => from.skip()],
    ["the end of a group that did not begin", "0c", (from: ProtoReader) => from.skip()],
    ["bytes that end behind the message", "0a 05 01", (from: ProtoReader) => from.skip()],
    ["eight bytes of which seven came", "09 01020304050607", (from: ProtoReader) => from.skip()],
    ["a number of more than ten bytes", `08 ${"80".repeat(10)} 01`, (from: ProtoReader) => from.number()],
    ["a number that does not end", "08 80", (from: ProtoReader) => from.number()],
    ["a field beyond 2^29", "88 80 80 80 10 01", (from: ProtoReader) => from.number()],
    ["field 0", "00 01", (from: ProtoReader) => from.number()],
  ])("refuses %s", (_what, hex, read) => {
    expect(() => only(hex, read as (from: ProtoReader) => unknown)).toThrow(RangeError);
  });

  it("does not look behind the message that it was given", () => {
    const inner = only("0a 02 08 80 08 01", (from) => from.message());

    inner.field();
    expect(() => inner.number()).toThrow(RangeError);
    expect(() => new ProtoReader(Buffer.alloc(3), 0, 4)).toThrow(RangeError);
  });
});
