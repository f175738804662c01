import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AmfValue, decodeAmf0, encodeAmf0 } from "../../src/rtmp/amf0.ts";

const withoutPrototype = (members: Record<string, AmfValue>): AmfValue => Object.assign(Object.create(null), members);

const values = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.string(),
    fc.constant(null),
    fc.constant(undefined),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie("value"), { maxKeys: 4 }).map(withoutPrototype),
  ),
})).value;

describe("AMF0", () => {
  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), (some) => {
        expect(decodeAmf0(encodeAmf0(...some))).toEqual(some);
      }),
    );
  });

  it("gives values or null on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = decodeAmf0(Buffer.from(bytes));
        expect(read === null || Array.isArray(read)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes a name like __proto__ as a name", () => {
    const name = Buffer.from("\x00\x09__proto__", "latin1");
    const bytes = Buffer.concat([
      Buffer.of(3),
      name,
      encodeAmf0(withoutPrototype({ isAdmin: true })),
      Buffer.of(0, 0, 9),
    ]);

    const [object] = decodeAmf0(bytes) ?? [];

    expect(Object.keys(object as object)).toEqual(["__proto__"]);
    expect((object as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  it.each([
    ["a number cut short", Buffer.of(0, 1, 2)],
    ["a string longer than the bytes", Buffer.of(2, 0, 9, 65)],
    ["an object without an end", Buffer.of(3, 0, 1, 65, 5)],
    ["an array that claims 4 billion values", Buffer.of(10, 255, 255, 255, 255, 5)],
    ["a reference", Buffer.of(7, 0, 0)],
    ["AMF3", Buffer.of(17, 1)],
    ["arrays nested 100 deep", Buffer.alloc(500, Buffer.of(10, 0, 0, 0, 1))],
  ])("gives null for %s", (_what, bytes) => {
    expect(decodeAmf0(bytes)).toBeNull();
  });

  it("reads typed objects, arrays with a wrong count, dates and long strings", () => {
    const end = Buffer.of(0, 0, 9);
    const typed = Buffer.concat([Buffer.of(16, 0, 1, 65, 0, 1, 66, 5), end]);
    const array = Buffer.concat([Buffer.of(8, 0, 0, 0, 99, 0, 1, 66, 1, 1), end]);
    const date = encodeAmf0(new Date(1_700_000_000_000));
    const long = encodeAmf0("x".repeat(70_000));

    expect(decodeAmf0(Buffer.concat([typed, array, date, long]))).toEqual([
      withoutPrototype({ B: null }),
      withoutPrototype({ B: true }),
      new Date(1_700_000_000_000),
      "x".repeat(70_000),
    ]);
  });
});
