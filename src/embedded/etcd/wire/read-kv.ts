import type { ProtoReader } from "../../../runtime/protobuf/proto-reader.ts";
import { spanOf } from "../state/bytes.ts";
import { MAX_TXN_OPS } from "../state/check.ts";
import type {
  Compare,
  CompareTarget,
  DeleteRequest,
  EmptyRequest,
  Operation,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from "../state/requests.ts";
import { COMPARED, COMPARISONS, SORT_ORDERS, SORT_TARGETS } from "./enums.ts";

/*
 * Requests of rpc.proto (etcd 3.4) out of their bytes, without objects and texts in between. Unknown fields are passed
 * over, and of the members of a oneof the last counts. All throw RangeError for what is no such message.
 */

/** A RangeRequest. */
export function readRange(reader: ProtoReader): RangeRequest {
  let [key, rangeEnd, limit, revision, sortOrder, sortTarget] = ["", "", 0, 0, 0, 0];
  let [keysOnly, countOnly] = [false, false];
  let [minModRevision, maxModRevision, minCreateRevision, maxCreateRevision] = [0, 0, 0, 0];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) key = reader.latin1();
    else if (field === 2) rangeEnd = reader.latin1();
    else if (field === 3) limit = reader.number();
    else if (field === 4) revision = reader.number();
    else if (field === 5) sortOrder = reader.number();
    else if (field === 6) sortTarget = reader.number();
    else if (field === 8) keysOnly = reader.number() !== 0;
    else if (field === 9) countOnly = reader.number() !== 0;
    else if (field === 10) minModRevision = reader.number();
    else if (field === 11) maxModRevision = reader.number();
    else if (field === 12) minCreateRevision = reader.number();
    else if (field === 13) maxCreateRevision = reader.number();
    else reader.skip();
  }
  return {
    op: "range",
    span: spanOf(key, rangeEnd),
    limit,
    revision,
    sortOrder: SORT_ORDERS[sortOrder] ?? "none",
    sortTarget: SORT_TARGETS[sortTarget] ?? "key",
    keysOnly,
    countOnly,
    minModRevision,
    maxModRevision,
    minCreateRevision,
    maxCreateRevision,
  };
}

/** A PutRequest. */
export function readPut(reader: ProtoReader): PutRequest {
  let [key, value, lease] = ["", "", "0"];
  let [prevKv, ignoreValue, ignoreLease] = [false, false, false];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) key = reader.latin1();
    else if (field === 2) value = reader.latin1();
    else if (field === 3) lease = reader.long();
    else if (field === 4) prevKv = reader.number() !== 0;
    else if (field === 5) ignoreValue = reader.number() !== 0;
    else if (field === 6) ignoreLease = reader.number() !== 0;
    else reader.skip();
  }
  return { op: "put", key, value, lease, prevKv, ignoreValue, ignoreLease };
}

/** A DeleteRangeRequest. */
export function readDelete(reader: ProtoReader): DeleteRequest {
  let [key, rangeEnd, prevKv] = ["", "", false];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) key = reader.latin1();
    else if (field === 2) rangeEnd = reader.latin1();
    else if (field === 3) prevKv = reader.number() !== 0;
    else reader.skip();
  }
  return { op: "delete", span: spanOf(key, rangeEnd), rangeEnd, prevKv };
}

/** A TxnRequest. What stands deeper in it than any that is let in, or behind more, is not read: it is refused for that. */
export function readTxn(reader: ProtoReader, depth = 0): TxnRequest {
  const compares: Compare[] = [];
  const success: Operation[] = [];
  const failure: Operation[] = [];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) compares.push(compares.length < MAX_TXN_OPS ? readCompare(reader.message()) : unread(reader));
    else if (field === 2) success.push(readOperation(reader, success.length, depth));
    else if (field === 3) failure.push(readOperation(reader, failure.length, depth));
    else reader.skip();
  }
  return { op: "txn", compares, success, failure };
}

const EMPTY: EmptyRequest = { op: "empty" };
const ANY_COMPARE: Compare = { span: spanOf("", ""), target: { of: "version", number: 0 }, is: "equal" };

function unread(reader: ProtoReader): Compare {
  reader.skip();
  return ANY_COMPARE;
}

/** A RequestOp. */
function readOperation(outer: ProtoReader, before: number, depth: number): Operation {
  const reader = outer.message();
  if (before >= MAX_TXN_OPS || depth >= MAX_TXN_OPS) return EMPTY;
  let operation: Operation = EMPTY;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) operation = readRange(reader.message());
    else if (field === 2) operation = readPut(reader.message());
    else if (field === 3) operation = readDelete(reader.message());
    else if (field === 4) operation = readTxn(reader.message(), depth + 1);
    else reader.skip();
  }
  return operation;
}

function readCompare(reader: ProtoReader): Compare {
  let [key, rangeEnd, result, target] = ["", "", 0, 0];
  let given: CompareTarget = NO_VALUE;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) result = reader.number();
    else if (field === 2) target = reader.number();
    else if (field === 3) key = reader.latin1();
    else if (field === 4) given = { of: "version", number: reader.number() };
    else if (field === 5) given = { of: "create", number: reader.number() };
    else if (field === 6) given = { of: "mod", number: reader.number() };
    else if (field === 7) given = { of: "value", value: reader.latin1() };
    else if (field === 8) given = { of: "lease", lease: BigInt(reader.long()) };
    else if (field === 64) rangeEnd = reader.latin1();
    else reader.skip();
  }
  const of = COMPARED[target] ?? "version";
  return {
    span: spanOf(key, rangeEnd),
    target: given.of === of ? given : noneOf(of),
    is: COMPARISONS[result] ?? "equal",
  };
}

const NO_VALUE: CompareTarget = { of: "version", number: 0 };

/** A value for another target than the one that is compared counts as none, as in etcd. */
function noneOf(of: CompareTarget["of"]): CompareTarget {
  if (of === "value") return { of, value: "" };
  return of === "lease" ? { of, lease: 0n } : { of, number: 0 };
}
