import { ProtoWriter } from "../../../runtime/protobuf/proto-writer.ts";
import { isTombstone, type KeyRecord, type LeaseId, replacedBy } from "../state/record.ts";
import type { OperationResult } from "../state/requests.ts";
import type { WatchMessage } from "../watch/message.ts";
import type { Member } from "./encode.ts";

const RAFT_TERM = 1;
/** In a ResponseOp. */
const FIELD = { range: 1, put: 2, delete: 3, txn: 4 } as const;

/**
 * Writes answers of rpc.proto and kv.proto (etcd 3.4) without objects and texts in between. Every message is written last
 * field first, as the writer wants it.
 */
export class AnswerWriter {
  readonly #to = new ProtoWriter();
  /** The fields of a header that are always the same. */
  readonly #member: Buffer;

  constructor({ clusterId, memberId }: Member) {
    this.#to.begin();
    this.#to.long(2, memberId);
    this.#to.long(1, clusterId);
    this.#member = this.#to.end();
  }

  /** The answer to an operation. */
  result(result: OperationResult): Buffer {
    this.#to.begin();
    this.#fields(result);
    this.#header(result.revision);
    return this.#to.end();
  }

  /** A LeaseKeepAliveResponse. */
  keepAlive(revision: number, lease: LeaseId, ttlSeconds: number): Buffer {
    this.#to.begin();
    this.#to.number(3, ttlSeconds);
    this.#to.long(2, lease);
    this.#header(revision);
    return this.#to.end();
  }

  /** A WatchResponse. */
  watchMessage(message: WatchMessage): Buffer {
    const { events = [], prevKv = false } = message;
    this.#to.begin();
    for (let i = events.length - 1; i >= 0; i--) this.#event(events[i] as KeyRecord, prevKv);
    this.#flag(7, message.fragment ?? false);
    this.#to.text(6, message.cancelReason ?? "");
    this.#to.number(5, message.compactRevision ?? 0);
    this.#flag(4, message.canceled ?? false);
    this.#flag(3, message.created ?? false);
    this.#to.number(2, message.watchId);
    this.#header(message.revision);
    return this.#to.end();
  }

  #header(revision: number): void {
    const end = this.#to.length;
    this.#to.number(4, RAFT_TERM);
    this.#to.number(3, revision);
    this.#to.encoded(this.#member);
    this.#to.message(1, end);
  }

  /** Everything but the header. */
  #fields(result: OperationResult): void {
    switch (result.op) {
      case "range":
        this.#to.number(4, result.count);
        this.#flag(3, result.more);
        this.#records(2, result.records, result.keysOnly);
        return;
      case "put":
        if (result.previous !== null) this.#record(2, result.previous);
        return;
      case "delete":
        this.#records(3, result.previous);
        this.#to.number(2, result.deleted);
        return;
      case "txn":
        for (let i = result.results.length - 1; i >= 0; i--) this.#nested(result.results[i] as OperationResult);
        this.#flag(2, result.succeeded);
    }
  }

  /** A ResponseOp. Its header says a revision at most, and nothing for a transaction, as etcd's does. */
  #nested(result: OperationResult): void {
    const end = this.#to.length;
    this.#fields(result);
    const headerEnd = this.#to.length;
    if (result.op !== "txn") this.#to.number(3, result.revision);
    this.#to.message(1, headerEnd);
    this.#to.message(FIELD[result.op], end);
    this.#to.message(3, end);
  }

  #records(field: number, records: readonly KeyRecord[], keysOnly = false): void {
    for (let i = records.length - 1; i >= 0; i--) this.#record(field, records[i] as KeyRecord, keysOnly);
  }

  /** A KeyValue. */
  #record(field: number, record: KeyRecord, keysOnly = false): void {
    const end = this.#to.length;
    this.#to.long(6, record.lease);
    if (!keysOnly) this.#to.latin1(5, record.value);
    this.#to.number(4, record.version);
    this.#to.number(3, record.modRevision);
    this.#to.number(2, record.createRevision);
    this.#to.latin1(1, record.key);
    this.#to.message(field, end);
  }

  #event(event: KeyRecord, prevKv: boolean): void {
    const end = this.#to.length;
    const previous = prevKv ? replacedBy(event) : null;
    if (previous !== null) this.#record(3, previous);
    this.#record(2, event);
    this.#flag(1, isTombstone(event)); // 1: Delete
    this.#to.message(11, end);
  }

  #flag(field: number, value: boolean): void {
    this.#to.number(field, value ? 1 : 0);
  }
}
