import type {
  ICompare,
  IEvent,
  IKeyValue,
  IRequestOp,
  IResponseOp,
  ITxnRequest,
  ITxnResponse,
  IWatchRequest,
  IWatchResponse,
} from "etcd3";
import { driver } from "./driver.ts";
import type { Compare, KeyValue } from "./operation.ts";
import type { StepAnswer, Txn, TxnAnswer, TxnStep } from "./txn.ts";
import type { WatchEvent, WatchMessage, WatchRange } from "./watch-message.ts";

/** A transaction as etcd3's own message; for stores in this process, which take no bytes. */
export const toMessage = ({ when, apply, otherwise = [] }: Txn): ITxnRequest => ({
  compare: when.map(toCompare),
  success: apply.map(toRequestOp),
  failure: otherwise.map(toRequestOp),
});

/** etcd3's own message as an answer. */
export const fromMessage = ({ header, succeeded, responses }: ITxnResponse): TxnAnswer => ({
  succeeded,
  revision: Number(header?.revision ?? 0), // a nested answer has none
  steps: responses.map(toStepAnswer),
});

/** A watch as etcd3's own message. */
export const toWatchMessage = ({ key, rangeEnd: end, fromRevision }: WatchRange): IWatchRequest => ({
  create_request: { key, range_end: end, start_revision: fromRevision, fragment: true },
});

/** etcd3's own message as what it tells. */
export const fromWatchMessage = (message: IWatchResponse): WatchMessage => ({
  created: message.created,
  canceled: message.canceled,
  fragment: message.fragment,
  compactRevision: Number(message.compact_revision),
  cancelReason: message.cancel_reason,
  events: message.events.map(toWatchEvent),
});

/** A key-value pair as rig's own. */
export const toKeyValue = (kv: IKeyValue): KeyValue => ({
  key: kv.key.toString(),
  value: kv.value,
  createRevision: Number(kv.create_revision),
  modRevision: Number(kv.mod_revision),
  leaseId: String(kv.lease),
});

/** True for a key that is UTF-8. Another is none of rig's: read as text it would be taken for what it is not. */
export const isText = ({ key }: Pick<KeyValue, "key">): boolean => !key.includes("\ufffd");

/** Many pairs, without those whose key is no UTF-8. */
export const toKeyValues = (kvs: readonly IKeyValue[]): KeyValue[] => kvs.map(toKeyValue).filter(isText);

/** The end of the range that holds every key beginning with `prefix` (which ends in a slash: the last byte never overflows). */
export function rangeEnd(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

const toWatchEvent = ({ type, kv }: IEvent): WatchEvent => ({
  type: type === "Delete" ? "delete" : "put",
  entry: toKeyValue(kv),
});

const toCompare = ({ key, modRevision }: Compare): ICompare => ({
  key: Buffer.from(key),
  target: driver.CompareTarget.Mod,
  result: driver.CompareResult.Equal,
  mod_revision: modRevision,
});

function toRequestOp(step: TxnStep): IRequestOp {
  if (step.do === "txn") return { request_txn: toMessage(step.txn) };
  const key = Buffer.from(step.key);
  switch (step.do) {
    case "get":
      return { request_range: { key } };
    case "peek":
      return { request_range: { key, keys_only: true } };
    case "put":
      return { request_put: { key, value: step.value, ...(step.leaseId !== undefined && { lease: step.leaseId }) } };
    case "delete":
      return { request_delete_range: { key } };
  }
}

function toStepAnswer({ response_range, response_txn }: IResponseOp): StepAnswer {
  if (response_txn) return fromMessage(response_txn);
  const kv = response_range?.kvs[0];
  return kv ? toKeyValue(kv) : null;
}
