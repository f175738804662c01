import { spanOf } from "../state/bytes.ts";
import type {
  Compare,
  CompareTarget,
  DeleteRequest,
  Operation,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from "../state/requests.ts";
import { COMPARED, COMPARISONS, SORT_ORDERS, SORT_TARGETS } from "./enums.ts";
import { bytesField, enumField, idField, messageOf, messagesOf, numberField, type Wire } from "./fields.ts";

const spanField = (message: Wire) => spanOf(bytesField(message.key), bytesField(message.range_end));

export const decodeRange = (message: Wire): RangeRequest => ({
  op: "range",
  span: spanField(message),
  limit: numberField(message.limit),
  revision: numberField(message.revision),
  sortOrder: enumField(message.sort_order, SORT_ORDERS, ["None", "Ascend", "Descend"]),
  sortTarget: enumField(message.sort_target, SORT_TARGETS, ["Key", "Version", "Create", "Mod", "Value"]),
  keysOnly: message.keys_only === true,
  countOnly: message.count_only === true,
  minModRevision: numberField(message.min_mod_revision),
  maxModRevision: numberField(message.max_mod_revision),
  minCreateRevision: numberField(message.min_create_revision),
  maxCreateRevision: numberField(message.max_create_revision),
});

export const decodePut = (message: Wire): PutRequest => ({
  op: "put",
  key: bytesField(message.key),
  value: bytesField(message.value),
  lease: idField(message.lease),
  prevKv: message.prev_kv === true,
  ignoreValue: message.ignore_value === true,
  ignoreLease: message.ignore_lease === true,
});

export const decodeDelete = (message: Wire): DeleteRequest => ({
  op: "delete",
  span: spanField(message),
  rangeEnd: bytesField(message.range_end),
  prevKv: message.prev_kv === true,
});

export const decodeTxn = (message: Wire): TxnRequest => ({
  op: "txn",
  compares: messagesOf(message.compare).map(decodeCompare),
  success: messagesOf(message.success).map(decodeOperation),
  failure: messagesOf(message.failure).map(decodeOperation),
});

function decodeOperation(message: Wire): Operation {
  const range = messageOf(message.request_range);
  if (range) return decodeRange(range);
  const put = messageOf(message.request_put);
  if (put) return decodePut(put);
  const remove = messageOf(message.request_delete_range);
  if (remove) return decodeDelete(remove);
  const txn = messageOf(message.request_txn);
  return txn ? decodeTxn(txn) : { op: "empty" };
}

const decodeCompare = (message: Wire): Compare => ({
  span: spanField(message),
  target: decodeTarget(message),
  is: enumField(message.result, COMPARISONS, ["Equal", "Greater", "Less", "NotEqual"]),
});

/** A value for another target than the one that is compared counts as none, as in etcd. */
function decodeTarget(message: Wire): CompareTarget {
  const of = enumField(message.target, COMPARED, ["Version", "Create", "Mod", "Value", "Lease"]);
  switch (of) {
    case "version":
      return { of, number: numberField(message.version) };
    case "create":
      return { of, number: numberField(message.create_revision) };
    case "mod":
      return { of, number: numberField(message.mod_revision) };
    case "value":
      return { of, value: bytesField(message.value) };
    case "lease":
      return { of, lease: BigInt(idField(message.lease)) };
  }
}
