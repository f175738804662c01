import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeyRecord } from "../../../../src/embedded/etcd/state/record.ts";
import type { OperationResult } from "../../../../src/embedded/etcd/state/requests.ts";
import type { WatchMessage } from "../../../../src/embedded/etcd/watch/message.ts";
import { AnswerWriter } from "../../../../src/embedded/etcd/wire/answer-writer.ts";
import { encodeResult, encodeWatch, headerOf } from "../../../../src/embedded/etcd/wire/encode.ts";
import type { Wire } from "../../../../src/embedded/etcd/wire/fields.ts";
import { long, methodOf } from "./protocol.ts";

const member = { clusterId: "18446744073709551615", memberId: "9007199254740993" };
const writer = new AnswerWriter(member);

const revision = fc.oneof(fc.nat(1_000), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw).toString("latin1"));
const plain = { key: bytes, value: bytes, createRevision: revision, modRevision: revision, lease: long };
const record: fc.Arbitrary<KeyRecord> = fc.record({
  ...{ ...plain, version: fc.nat(3) },
  older: fc.option(fc.record({ ...plain, version: fc.nat(3), older: fc.constant(null) })),
});
const records = fc.array(record, { maxLength: 3 });

const { result } = fc.letrec<{ result: OperationResult }>((tie) => ({
  result: fc.oneof(
    { depthSize: "small" },
    fc.record({
      ...{ op: fc.constant("range" as const), revision, records, keysOnly: fc.boolean(), more: fc.boolean() },
      count: revision,
    }),
    fc.record({ op: fc.constant("put" as const), revision, previous: fc.option(record) }),
    fc.record({ op: fc.constant("delete" as const), revision, deleted: fc.nat(), previous: records }),
    fc.record({
      ...{ op: fc.constant("txn" as const), revision, succeeded: fc.boolean() },
      results: fc.array(tie("result"), { maxLength: 5 }),
    }),
  ),
}));

const watchMessage: fc.Arbitrary<WatchMessage> = fc.record(
  {
    ...{ watchId: fc.oneof(fc.constant(-1), fc.nat(), fc.maxSafeNat()), revision, compactRevision: revision },
    ...{ created: fc.boolean(), canceled: fc.boolean(), fragment: fc.boolean(), prevKv: fc.boolean() },
    ...{ cancelReason: fc.string({ unit: "grapheme" }), events: records },
  },
  { requiredKeys: ["watchId", "revision"] },
);

/** Without what says no more than a missing field does: proto-loader would write it, etcd does not. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (Buffer.isBuffer(value) || typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name, field]) => name !== "response" && !isDefault(name, field));
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutDefaults(field)]));
}

function isDefault(name: string, field: unknown): boolean {
  if (name === "cancel_reason") return field === ""; // a text may well be "0"
  if (Buffer.isBuffer(field)) return field.length === 0;
  return field === "0" || field === false || field === null || (name === "type" && field === "Put");
}

const METHOD = { range: "KV.Range", put: "KV.Put", delete: "KV.DeleteRange", txn: "KV.Txn" } as const;

/** What proto-loader's codec makes of the same answer, byte by byte. */
const theirBytes = (path: string, message: object): string =>
  methodOf(path)
    .responseSerialize(withoutDefaults(message) as Wire)
    .toString("hex");

describe("the writer of answers", () => {
  it("writes the bytes that proto-loader's codec writes of an operation's answer", () => {
    fc.assert(
      fc.property(result, (each) => {
        const message = encodeResult(each, headerOf(member, each.revision));

        expect(writer.result(each).toString("hex")).toBe(theirBytes(METHOD[each.op], message));
      }),
    );
  });

  it("writes the bytes that proto-loader's codec writes of a watch's message", () => {
    fc.assert(
      fc.property(watchMessage, (each) => {
        const message = encodeWatch(member, each);

        expect(writer.watchMessage(each).toString("hex")).toBe(theirBytes("Watch.Watch", message));
      }),
    );
  });

  it("writes the bytes that proto-loader's codec writes of a lease's renewal", () => {
    fc.assert(
      fc.property(revision, long, fc.nat(), (at, lease, seconds) => {
        const message = { header: headerOf(member, at), ID: lease, TTL: String(seconds) };

        const bytes = writer.keepAlive(at, lease, seconds).toString("hex");
        expect(bytes).toBe(theirBytes("Lease.LeaseKeepAlive", message));
      }),
    );
  });

  it("writes a range of many megabytes", () => {
    const value = "\u00ff".repeat(100_000);
    const many = Array.from({ length: 50 }, (_, n): KeyRecord => {
      const at = { createRevision: n + 1, modRevision: n + 1, version: 1, lease: "0", older: null };
      return { key: `key ${n}`, value, ...at };
    });
    const all = { op: "range", revision: 50, records: many, keysOnly: false, more: false, count: 50 } as const;

    const { kvs } = methodOf("KV.Range").responseDeserialize(writer.result(all)) as { kvs: { value: Buffer }[] };

    expect(kvs).toHaveLength(50);
    expect(kvs.every((kv) => kv.value.equals(Buffer.from(value, "latin1")))).toBe(true);
  });
});
