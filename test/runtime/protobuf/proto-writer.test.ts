import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtoReader } from "../../../src/runtime/protobuf/proto-reader.ts";
import { ProtoWriter } from "../../../src/runtime/protobuf/proto-writer.ts";

/** What a writer that has written before makes of it. */
function written(write: (to: ProtoWriter) => void): string {
  const writer = new ProtoWriter();
  writer.begin();
  writer.text(9, "something before");
  writer.begin();
  write(writer);
  return writer.end().toString("hex");
}

describe("a writer of protobuf", () => {
  it.each<[string, (to: ProtoWriter) => void, string]>([
    ["0 as nothing", (to) => to.number(1, 0), ""],
    ["0 of a oneof", (to) => to.member(1, 0), "0800"],
    ["128", (to) => to.number(1, 128), "088001"],
    ["a negative number in ten bytes", (to) => to.number(2, -1), "10ffffffffffffffffff01"],
    ["a field whose number takes two bytes", (to) => to.latin1(64, "a"), "82040161"],
    ["a negative 64-bit number", (to) => to.long(1, "-2"), "08feffffffffffffffff01"],
    ["a 64-bit 0 as nothing, however it is spelt", (to) => to.long(1, "-0"), ""],
    ["the largest unsigned number", (to) => to.long(1, "18446744073709551615"), "08ffffffffffffffffff01"],
    ["characters as bytes", (to) => to.latin1(1, "a\u00ff\u0000"), "0a0361ff00"],
    ["no characters as nothing", (to) => to.latin1(1, ""), ""],
    ["what is encoded already", (to) => to.encoded(Buffer.from("0801", "hex")), "0801"],
  ])("writes %s", (_what, write, expected) => {
    expect(written(write)).toBe(expected);
  });

  it("writes texts of any length as the same bytes", () => {
    const texts = [23, 24, 25, 127, 128, 70_000].map((length) => "a\u00e9\u00ff".repeat(length).slice(0, length));

    for (const text of texts) {
      const reader = new ProtoReader(
        Buffer.from(
          written((to) => to.latin1(1, text)),
          "hex",
        ),
      );
      reader.field();
      expect(reader.latin1() === text, `of ${text.length}`).toBe(true);
    }
  });

  it("writes numbers that a reader reads as they were", () => {
    const longs = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.array(longs, { maxLength: 3 }), (number, decimals) => {
        const bytes = Buffer.from(
          written((to) => {
            for (const decimal of [...decimals].reverse()) to.long(2, decimal);
            to.member(1, number);
          }),
          "hex",
        );

        const reader = new ProtoReader(bytes);
        reader.field();
        expect(reader.number()).toBe(number);
        for (const decimal of decimals.filter((each) => each !== "0")) {
          reader.field();
          expect(reader.long()).toBe(decimal);
        }
        expect(reader.field()).toBe(0);
      }),
    );
  });

  it("hands a huge message over whole, and what follows does not touch it", () => {
    const writer = new ProtoWriter();
    const huge = "x".repeat(3_000_000);
    writer.begin();
    writer.latin1(1, huge);
    const first = writer.end();
    writer.begin();
    writer.latin1(1, "y".repeat(60_000));
    const second = writer.end();

    const [one, two] = [first, second].map((bytes) => new ProtoReader(bytes));
    one?.field();
    two?.field();
    expect(one?.latin1() === huge).toBe(true);
    expect(two?.latin1()).toBe("y".repeat(60_000));
  });

  it("writes nothing of a number that is none, the same one again neither", () => {
    const writer = new ProtoWriter();
    writer.begin();
    writer.long(1, "5");

    for (let i = 0; i < 2; i++) expect(() => writer.long(1, "none")).toThrow(SyntaxError);

    expect(writer.end().toString("hex")).toBe("0805");
  });
});
