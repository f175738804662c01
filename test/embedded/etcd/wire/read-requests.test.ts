import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkOperation } from "../../../../src/embedded/etcd/state/check.ts";
import { decodeDelete, decodePut, decodeRange, decodeTxn } from "../../../../src/embedded/etcd/wire/decode-kv.ts";
import { decodeWatchRequest } from "../../../../src/embedded/etcd/wire/decode-watch.ts";
import { idField, type Wire } from "../../../../src/embedded/etcd/wire/fields.ts";
import { readDelete, readPut, readRange, readTxn } from "../../../../src/embedded/etcd/wire/read-kv.ts";
import { readLeaseId } from "../../../../src/embedded/etcd/wire/read-lease.ts";
import { readWatchRequest } from "../../../../src/embedded/etcd/wire/read-watch.ts";
import { ProtoReader } from "../../../../src/runtime/protobuf/proto-reader.ts";
import { ProtoWriter } from "../../../../src/runtime/protobuf/proto-writer.ts";
import { long, methodOf, put, range, remove, txn, watch } from "./protocol.ts";

/** A request with its reader, and what reads the same out of proto-loader's message. */
interface Subject {
  readonly path: string;
  readonly messages: fc.Arbitrary<Wire>;
  readonly read: (reader: ProtoReader) => unknown;
  readonly decode: (message: Wire) => unknown;
}

const SUBJECTS: readonly Subject[] = [
  { path: "KV.Range", messages: range, read: readRange, decode: decodeRange },
  { path: "KV.Put", messages: put, read: readPut, decode: decodePut },
  { path: "KV.DeleteRange", messages: remove, read: readDelete, decode: decodeDelete },
  { path: "KV.Txn", messages: txn, read: (reader) => readTxn(reader), decode: decodeTxn },
  { path: "Watch.Watch", messages: watch, read: readWatchRequest, decode: decodeWatchRequest },
  {
    ...{ path: "Lease.LeaseKeepAlive", messages: fc.record({ ID: long }), read: readLeaseId },
    decode: ({ ID }) => idField(ID),
  },
];

const fromHex = (hex: string): ProtoReader => new ProtoReader(Buffer.from(hex.replaceAll(" ", ""), "hex"));
// fields 15 and 100, of every type: none of the messages has them
const UNKNOWN = Buffer.from("7801 7a03010203 79 0102030405060708 7d01020304 a2060161".replaceAll(" ", ""), "hex");

describe.each(SUBJECTS)("the reader of $path", ({ path, messages, read, decode }) => {
  const theirs = methodOf(path);

  it("reads what proto-loader's codec does, beside fields that nobody knows too", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = theirs.requestSerialize(message);
        const expected = decode(theirs.requestDeserialize(bytes));

        expect(read(new ProtoReader(bytes))).toEqual(expected);
        expect(read(new ProtoReader(Buffer.concat([UNKNOWN, bytes, UNKNOWN])))).toEqual(expected);
      }),
    );
  });

  it("reads damaged bytes, or refuses them with a RangeError", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    const bytes = fc.tuple(messages, damage, fc.nat(), fc.boolean()).map(([message, flips, cut, cuts]) => {
      const whole = Buffer.from(theirs.requestSerialize(message));
      for (const [at, byte] of flips) if (whole.length > 0) whole[at % whole.length] = byte;
      return cuts ? whole.subarray(0, cut % (whole.length + 1)) : whole;
    });
    const noise = fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw));
    fc.assert(
      fc.property(fc.oneof(bytes, noise), (each) => {
        try {
          read(new ProtoReader(each));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe("the reader of transactions", () => {
  it("takes the last of the members of a oneof, and a value for what is not compared as none", () => {
    const [otherLast, ownLast] = ["0a 08 1002 2005 3007 4009", "0a 08 1002 2005 4009 3007"].map(fromHex);
    const rangeThenPut = fromHex("12 0a 0a03 0a0161 1203 0a0162");

    expect(otherLast && readTxn(otherLast).compares[0]?.target).toEqual({ of: "mod", number: 0 });
    expect(ownLast && readTxn(ownLast).compares[0]?.target).toEqual({ of: "mod", number: 7 });
    expect(readTxn(rangeThenPut).success).toMatchObject([{ op: "put", key: "b" }]);
  });
});

/** So many transactions, each the only step of the one around it. */
function nested(levels: number): Buffer {
  const writer = new ProtoWriter();
  writer.begin();
  for (let level = 0; level < levels; level++) {
    writer.message(4, 0);
    writer.message(2, 0);
  }
  return writer.end();
}

describe("what is larger than any transaction may be", () => {
  const TOO_MANY = "etcdserver: too many operations in txn request";

  it.each([
    ["128 levels", nested(128), null],
    ["129 levels", nested(129), TOO_MANY],
    ["as many levels as a message holds", nested(200_000), TOO_MANY],
    ["a million steps", Buffer.from("1200".repeat(1_000_000), "hex"), TOO_MANY],
    ["a million compares", Buffer.from("0a00".repeat(1_000_000), "hex"), TOO_MANY],
  ])("%s: read in bounds, and judged as etcd judges", (_what, bytes, refusal) => {
    const operation = readTxn(new ProtoReader(bytes));

    if (refusal === null) expect(() => checkOperation(operation)).not.toThrow();
    else expect(() => checkOperation(operation)).toThrow(refusal);
  });
});
