import type { Bytes, Span } from "./bytes.ts";
import type { KeyRecord, LeaseId } from "./record.ts";

export type SortOrder = "none" | "ascend" | "descend";
export type SortTarget = "key" | "version" | "create" | "mod" | "value";

export interface RangeRequest {
  readonly op: "range";
  readonly span: Span;
  /** 0: no limit. */
  readonly limit: number;
  /** 0 or less: the newest. */
  readonly revision: number;
  readonly sortOrder: SortOrder;
  readonly sortTarget: SortTarget;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  /** 0 in any of the four: no bound. */
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

export interface PutRequest {
  readonly op: "put";
  readonly key: Bytes;
  readonly value: Bytes;
  readonly lease: LeaseId;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

export interface DeleteRequest {
  readonly op: "delete";
  readonly span: Span;
  /** The range_end as it was sent; the check for duplicate keys reads it literally, as etcd does. */
  readonly rangeEnd: Bytes;
  readonly prevKv: boolean;
}

/** What a compare looks at, with the value it is held against; `lease` as bigint, since ids exceed 2^53. */
export type CompareTarget =
  | { readonly of: "version" | "create" | "mod"; readonly number: number }
  | { readonly of: "value"; readonly value: Bytes }
  | { readonly of: "lease"; readonly lease: bigint };

export interface Compare {
  readonly span: Span;
  readonly target: CompareTarget;
  readonly is: "equal" | "greater" | "less" | "notEqual";
}

/** An operation whose kind was left out; etcd refuses it with its own words. */
export interface EmptyRequest {
  readonly op: "empty";
}

export interface TxnRequest {
  readonly op: "txn";
  readonly compares: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure: readonly Operation[];
}

export type Operation = RangeRequest | PutRequest | DeleteRequest | TxnRequest | EmptyRequest;

export interface RangeResult {
  readonly op: "range";
  readonly revision: number;
  readonly records: readonly KeyRecord[];
  readonly keysOnly: boolean;
  readonly more: boolean;
  readonly count: number;
}

export interface PutResult {
  readonly op: "put";
  readonly revision: number;
  readonly previous: KeyRecord | null;
}

export interface DeleteResult {
  readonly op: "delete";
  readonly revision: number;
  readonly deleted: number;
  readonly previous: readonly KeyRecord[];
}

export interface TxnResult {
  readonly op: "txn";
  readonly revision: number;
  readonly succeeded: boolean;
  readonly results: readonly OperationResult[];
}

export type OperationResult = RangeResult | PutResult | DeleteResult | TxnResult;
