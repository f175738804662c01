import { bufferOf } from "../state/bytes.ts";
import { isTombstone, type KeyRecord, replacedBy } from "../state/record.ts";
import type { OperationResult } from "../state/requests.ts";
import type { WatchMessage } from "../watch/message.ts";
import type { Wire } from "./fields.ts";

/** Who answers, the same in every header. */
export interface Member {
  /** Decimal, 64 bits. */
  readonly clusterId: string;
  readonly memberId: string;
}

/** The header of every answer, in the shape of proto-loader with `longs: String`. */
export const headerOf = ({ clusterId, memberId }: Member, revision: number): Wire => ({
  cluster_id: clusterId,
  member_id: memberId,
  revision: String(revision),
  raft_term: "1",
});

/** What etcd puts into the header of a response inside a transaction: a revision at most, and none for a transaction. */
const nestedHeader = (result: OperationResult): Wire => ({
  cluster_id: "0",
  member_id: "0",
  revision: result.op === "txn" ? "0" : String(result.revision),
  raft_term: "0",
});

const encodeRecord = (record: KeyRecord, keysOnly = false): Wire => ({
  key: bufferOf(record.key),
  create_revision: String(record.createRevision),
  mod_revision: String(record.modRevision),
  version: String(record.version),
  value: keysOnly ? Buffer.alloc(0) : bufferOf(record.value),
  lease: record.lease,
});

/** An operation's answer with this header. */
export function encodeResult(result: OperationResult, header: Wire | null): Wire {
  switch (result.op) {
    case "range":
      return {
        header,
        kvs: result.records.map((record) => encodeRecord(record, result.keysOnly)),
        more: result.more,
        count: String(result.count),
      };
    case "put":
      return { header, prev_kv: result.previous === null ? null : encodeRecord(result.previous) };
    case "delete":
      return {
        header,
        deleted: String(result.deleted),
        prev_kvs: result.previous.map((record) => encodeRecord(record)),
      };
    case "txn":
      return { header, succeeded: result.succeeded, responses: result.results.map(encodeNested) };
  }
}

const FIELD = {
  range: "response_range",
  put: "response_put",
  delete: "response_delete_range",
  txn: "response_txn",
} as const;

function encodeNested(result: OperationResult): Wire {
  const field = FIELD[result.op];
  return { response: field, [field]: encodeResult(result, nestedHeader(result)) };
}

/** A message of a watch stream. */
export const encodeWatch = (member: Member, message: WatchMessage): Wire => ({
  header: headerOf(member, message.revision),
  watch_id: String(message.watchId),
  created: message.created ?? false,
  canceled: message.canceled ?? false,
  compact_revision: String(message.compactRevision ?? 0),
  cancel_reason: message.cancelReason ?? "",
  fragment: message.fragment ?? false,
  events: (message.events ?? []).map((event) => encodeEvent(event, message.prevKv ?? false)),
});

function encodeEvent(event: KeyRecord, prevKv: boolean): Wire {
  const previous = prevKv ? replacedBy(event) : null;
  return {
    type: isTombstone(event) ? "Delete" : "Put",
    kv: encodeRecord(event),
    prev_kv: previous === null ? null : encodeRecord(previous),
  };
}
