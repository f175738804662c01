import { RECORD_OVERHEAD_BYTES } from "./record.ts";
import type { Operation } from "./requests.ts";

/**
 * The room that an operation needs at most: that of its puts, in the branch that puts more. 0 for one that puts nothing.
 * Unlike etcd, nested transactions count: else whoever nests would be past every quota.
 */
export function costOf(operation: Operation): number {
  if (operation.op === "put") return operation.key.length + operation.value.length + RECORD_OVERHEAD_BYTES;
  if (operation.op !== "txn") return 0;
  return Math.max(sumOf(operation.success), sumOf(operation.failure));
}

const sumOf = (operations: readonly Operation[]): number =>
  operations.reduce((sum, operation) => sum + costOf(operation), 0);
