import { refuse } from "../store-error.ts";
import type { Bytes } from "./bytes.ts";
import type { Operation, PutRequest, TxnRequest } from "./requests.ts";

/** etcd's `--max-txn-ops`. */
export const MAX_TXN_OPS = 128;

const checkKey = (key: Bytes): void => {
  if (key === "") throw refuse.emptyKey();
};

function checkPut(request: PutRequest): void {
  checkKey(request.key);
  if (request.ignoreValue && request.value !== "") throw refuse.valueProvided();
  if (request.ignoreLease && request.lease !== "0") throw refuse.leaseProvided();
}

/**
 * Checks what can be told from the request alone, with everything nested in it; comes before any look at the state.
 * @throws StoreError
 */
export function checkOperation(operation: Operation, opsLeft: number = MAX_TXN_OPS): void {
  if (operation.op === "range" || operation.op === "delete") checkKey(operation.span.start);
  else if (operation.op === "put") checkPut(operation);
  else if (operation.op === "txn") checkTxn(operation, opsLeft);
  else throw refuse.keyNotFound(); // etcd's own answer to an operation without a kind
}

/** The budget of an inner level is what the widest list of the outer one leaves. */
function checkTxn({ compares, success, failure }: TxnRequest, opsLeft: number): void {
  const width = Math.max(compares.length, success.length, failure.length);
  if (width > opsLeft) throw refuse.tooManyOps();
  for (const { span } of compares) checkKey(span.start);
  for (const operation of success) checkOperation(operation, opsLeft - width);
  for (const operation of failure) checkOperation(operation, opsLeft - width);
}
