import { refuse } from "../store-error.ts";
import { holds } from "./compare.ts";
import type { Keyspace } from "./keyspace.ts";
import type { Leases } from "./leases.ts";
import { checkReadRevision, readRange } from "./range.ts";
import { type KeyRecord, NO_LEASE } from "./record.ts";
import type {
  DeleteRequest,
  DeleteResult,
  Operation,
  OperationResult,
  PutRequest,
  PutResult,
  TxnRequest,
  TxnResult,
} from "./requests.ts";

/** What a transaction reads and writes. */
export interface State {
  readonly keyspace: Keyspace;
  readonly leases: Leases;
}

/** The branches that the compares chose, nested ones included, all on the state before the transaction. */
interface Path {
  readonly succeeded: boolean;
  readonly nested: readonly (Path | null)[];
}

/**
 * Applies one operation that passed the checks of check.ts and duplicate-keys.ts inside the open transaction.
 * @throws StoreError: the transaction is then to be rolled back
 */
export function applyOperation(state: State, operation: Operation): OperationResult {
  if (operation.op === "range") return readRange(state.keyspace, operation);
  if (operation.op === "put") return applyPut(state, operation);
  if (operation.op === "delete") return applyDelete(state, operation);
  if (operation.op === "txn") return applyTxn(state, operation);
  throw refuse.keyNotFound(); // an operation without a kind never passes the checks
}

/** @throws StoreError for a lease that is not there, or a key that ignore_value or ignore_lease needs and is not there */
function applyPut({ keyspace, leases }: State, request: PutRequest): PutResult {
  if (request.lease !== NO_LEASE && !leases.has(request.lease)) throw refuse.leaseNotFound();
  const current = keyspace.read(request.key, keyspace.openRevision);
  const keeps = request.ignoreValue || request.ignoreLease;
  if (keeps && current === null) throw refuse.keyNotFound();
  const value = request.ignoreValue && current ? current.value : request.value;
  const lease = request.ignoreLease && current ? current.lease : request.lease;
  const { modRevision } = keyspace.put(request.key, value, lease);
  return { op: "put", revision: modRevision, previous: request.prevKv ? current : null };
}

function applyDelete({ keyspace }: State, request: DeleteRequest): DeleteResult {
  const gone: KeyRecord[] = keyspace.remove(request.span);
  return {
    op: "delete",
    revision: keyspace.openRevision,
    deleted: gone.length,
    previous: request.prevKv ? gone : [],
  };
}

/** Everything that depends on the state is checked on the chosen branches before the first write. */
function applyTxn(state: State, request: TxnRequest): TxnResult {
  const path = choose(state.keyspace, request);
  checkPuts(state, request, path);
  checkRanges(state.keyspace, request, path);
  return run(state, request, path);
}

const chosen = (request: TxnRequest, path: Path): readonly Operation[] =>
  path.succeeded ? request.success : request.failure;

function choose(keyspace: Keyspace, request: TxnRequest): Path {
  const succeeded = request.compares.every((compare) => holds(compare, keyspace, keyspace.revision));
  const operations = succeeded ? request.success : request.failure;
  return { succeeded, nested: operations.map((inner) => (inner.op === "txn" ? choose(keyspace, inner) : null)) };
}

function checkPuts(state: State, request: TxnRequest, path: Path): void {
  chosen(request, path).forEach((operation, index) => {
    if (operation.op === "txn") checkPuts(state, operation, path.nested[index] as Path);
    if (operation.op !== "put") return;
    const needsKey = operation.ignoreValue || operation.ignoreLease;
    if (needsKey && state.keyspace.read(operation.key, state.keyspace.revision) === null) throw refuse.keyNotFound();
    if (operation.lease !== NO_LEASE && !state.leases.has(operation.lease)) throw refuse.leaseNotFound();
  });
}

function checkRanges(keyspace: Keyspace, request: TxnRequest, path: Path): void {
  chosen(request, path).forEach((operation, index) => {
    if (operation.op === "txn") checkRanges(keyspace, operation, path.nested[index] as Path);
    if (operation.op === "range") checkReadRevision(operation.revision, keyspace, keyspace.revision);
  });
}

function run(state: State, request: TxnRequest, path: Path): TxnResult {
  const results = chosen(request, path).map((operation, index) => step(state, operation, path.nested[index] ?? null));
  return { op: "txn", revision: state.keyspace.openRevision, succeeded: path.succeeded, results };
}

function step(state: State, operation: Operation, nested: Path | null): OperationResult {
  return operation.op === "txn" && nested !== null ? run(state, operation, nested) : applyOperation(state, operation);
}
