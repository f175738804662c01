import { refuse } from "../store-error.ts";
import type { Bytes } from "./bytes.ts";
import type { DeleteRequest, Operation, TxnRequest } from "./requests.ts";

interface Writes {
  readonly puts: Set<Bytes>;
  readonly deletes: DeleteRequest[];
}

/**
 * Refuses a transaction that would put one key twice, or put a key that it also deletes, under etcd's own rules: then
 * and else of one nested transaction exclude each other, and a nested delete is held against later puts alone.
 * @throws StoreError
 */
export function checkDuplicateKeys({ success, failure }: TxnRequest): void {
  if (success.length + failure.length < 2 && !hasTxn(success) && !hasTxn(failure)) return;
  writesOf(success);
  writesOf(failure);
}

const hasTxn = (operations: readonly Operation[]): boolean => operations.some(({ op }) => op === "txn");

function writesOf(operations: readonly Operation[]): Writes {
  const puts = new Set<Bytes>();
  const deletes = operations.filter((operation) => operation.op === "delete");
  for (const operation of operations) {
    if (operation.op !== "txn") continue;
    const then = writesOf(operation.success);
    const otherwise = writesOf(operation.failure);
    for (const key of then.puts) claim(key, puts, deletes, puts.has(key));
    for (const key of otherwise.puts) claim(key, puts, deletes, puts.has(key) && !then.puts.has(key));
    deletes.push(...then.deletes, ...otherwise.deletes);
  }
  for (const operation of operations)
    if (operation.op === "put") claim(operation.key, puts, deletes, puts.has(operation.key));
  return { puts, deletes };
}

function claim(key: Bytes, puts: Set<Bytes>, deletes: readonly DeleteRequest[], taken: boolean): void {
  if (taken || deletes.some((request) => covers(request, key))) throw refuse.duplicateKey();
  puts.add(key);
}

/** Reads range_end literally: etcd does not take "from key on" into account here. */
const covers = ({ span: { start }, rangeEnd }: DeleteRequest, key: Bytes): boolean =>
  rangeEnd === "" ? key === start : key >= start && key < rangeEnd;
