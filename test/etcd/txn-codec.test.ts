import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadSync, type MethodDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import type { ITxnResponse, IWatchResponse } from "etcd3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Txn } from "../../src/etcd/txn.ts";
import { decodeTxnAnswer, encodeTxn } from "../../src/etcd/txn-codec.ts";
import { decodeWatchMessage, encodeWatch } from "../../src/etcd/watch-codec.ts";
import { fromMessage, fromWatchMessage, toMessage, toWatchMessage } from "../../src/etcd/wire.ts";

const protocol = join(dirname(createRequire(import.meta.url).resolve("etcd3/package.json")), "proto/rpc.proto");
const services = loadSync(protocol, { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true });
const methodOf = (service: string, method: string) =>
  (services[`etcdserverpb.${service}`] as ServiceDefinition)[method] as MethodDefinition<object, object>;
const theirTxn = methodOf("KV", "Txn");
const theirWatch = methodOf("Watch", "Watch");

const key = fc.oneof(fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }), fc.constant("/rig/v1/tasks/x"));
const value = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const revision = fc.oneof(fc.constant(0), fc.nat(), fc.maxSafeNat());
const long = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const lease = fc.oneof(fc.constant("0"), long);

const { txn } = fc.letrec<{ txn: Txn; step: Txn["apply"][number] }>((tie) => ({
  txn: fc.record({
    when: fc.array(fc.record({ key, modRevision: revision }), { maxLength: 4 }),
    apply: fc.array(tie("step"), { maxLength: 5 }),
    otherwise: fc.array(tie("step"), { maxLength: 3 }),
  }),
  step: fc.oneof(
    { depthSize: "small" },
    fc.record({ do: fc.constant("get" as const), key, maxBytes: fc.constant(1) }),
    fc.record({ do: fc.constant("peek" as const), key }),
    fc.record({ do: fc.constant("put" as const), key, value, leaseId: lease }),
    fc.record({ do: fc.constant("put" as const), key, value }),
    fc.record({ do: fc.constant("delete" as const), key }),
    fc.record({ do: fc.constant("txn" as const), txn: tie("txn") }),
  ),
}));

const kv = fc.record({
  ...{ key: key.map((text) => Buffer.from(text)), value, lease },
  ...{ create_revision: revision.map(String), mod_revision: revision.map(String), version: long },
});
const header = fc.record({ cluster_id: long, member_id: long, revision: revision.map(String), raft_term: long });
const { answer } = fc.letrec<{ answer: unknown; step: unknown }>((tie) => ({
  answer: fc.record({ header, succeeded: fc.boolean(), responses: fc.array(tie("step"), { maxLength: 5 }) }),
  step: fc.oneof(
    { depthSize: "small" },
    fc.record({ response_put: fc.record({ header }) }),
    fc.record({ response_delete_range: fc.record({ header, deleted: long }) }),
    fc.record({ response_range: fc.record({ header, kvs: fc.array(kv, { maxLength: 2 }), more: fc.boolean() }) }),
    fc.record({ response_txn: tie("answer") }),
  ),
}));
const watched = fc.record({
  ...{ header, watch_id: fc.nat().map(String), created: fc.boolean(), canceled: fc.boolean(), fragment: fc.boolean() },
  ...{ compact_revision: revision.map(String), cancel_reason: fc.string() },
  events: fc.array(fc.record({ type: fc.constantFrom("Put", "Delete"), kv, prev_kv: kv }), { maxLength: 5 }),
});

describe("the codec of transactions and watches", () => {
  it("writes a transaction that etcd3's own codec reads as it was meant", () => {
    fc.assert(
      fc.property(txn, (each) => {
        const expected = theirTxn.requestDeserialize(theirTxn.requestSerialize(toMessage(each)));
        expect(theirTxn.requestDeserialize(encodeTxn(each))).toEqual(expected);
      }),
    );
  });

  it("reads an answer as etcd3's own codec does", () => {
    fc.assert(
      fc.property(answer, (each) => {
        const bytes = theirTxn.responseSerialize(each as object);

        const expected = fromMessage(theirTxn.responseDeserialize(bytes) as ITxnResponse);
        expect(decodeTxnAnswer(bytes)).toEqual(expected);
      }),
    );
  });

  it("asks for a watch as etcd3's own codec does", () => {
    const range = { key: Buffer.from("/rig/v1/"), rangeEnd: Buffer.from("/rig/v10"), fromRevision: 2 ** 40 };

    const expected = theirWatch.requestSerialize(toWatchMessage(range));
    expect(encodeWatch(range).toString("hex")).toBe(expected.toString("hex"));
  });

  it("reads what a watch tells as etcd3's own codec does", () => {
    fc.assert(
      fc.property(watched, (each) => {
        const bytes = theirWatch.responseSerialize(each);
        const message = theirWatch.responseDeserialize(bytes) as IWatchResponse;

        expect(decodeWatchMessage(bytes)).toEqual(fromWatchMessage(message));
      }),
    );
  });

  it("writes what is longer than its first room", () => {
    const long: Txn = {
      when: [],
      apply: [{ do: "put", key: "a", value: Buffer.alloc(1_000_000, "x") }],
      otherwise: [],
    };

    expect(encodeTxn(long).equals(theirTxn.requestSerialize(toMessage(long)))).toBe(true);
    expect(encodeTxn({ when: [], apply: [] })).toHaveLength(0);
  });

  it("leaves nothing behind of a transaction that it cannot write", () => {
    const put = { do: "put", key: "a", value: Buffer.from("v") } as const;
    const whole: Txn = { when: [], apply: [put], otherwise: [] };

    expect(() => encodeTxn({ when: [], apply: [{ ...put, leaseId: "none" }, put] })).toThrow(SyntaxError);

    expect(encodeTxn(whole).equals(theirTxn.requestSerialize(toMessage(whole)))).toBe(true);
  });

  it.each([
    ["a message that ends early", [0x1a, 0x05, 0x22]],
    ["a number that ends early", [0x10, 0x80]],
    ["a field of a type that is none", [0x0f]],
    ["a field without a number", [0x00, 0x10, 0x01]],
    ["a number of more than ten bytes", [0x10, ...Array(10).fill(0x80), 0x01]],
  ])("refuses %s", (_what, bytes) => {
    expect(() => decodeTxnAnswer(Buffer.from(bytes))).toThrow(RangeError);
  });
});
