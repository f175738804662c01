import { isRigError } from "../domain/errors.ts";
import type { Etcd } from "./client.ts";
import type { LeaseGuard, Operation } from "./operation.ts";
import type { ProcessLease } from "./process-lease.ts";

/** An operation whose guard `commitLeased` adds. */
export type LeasedOperation<T> = Omit<Operation<T>, "guard">;

/**
 * Applies an operation that puts keys on this process's lease.
 * @throws RigError LEASE_LOST where the lease is lost or in doubt, and what `etcd.commit` throws
 */
export async function commitLeased<T>(
  etcd: Etcd,
  lease: ProcessLease,
  operationOn: (leaseId: string) => LeasedOperation<T>,
): Promise<T> {
  const guard = lease.guard();
  const operation: LeasedOperation<T> & { guard?: LeaseGuard } = operationOn(guard.leaseId);
  operation.guard = guard; // a spread took as long as the rest of this
  try {
    return await etcd.commit(operation);
  } catch (error) {
    if (isRigError(error, "LEASE_LOST")) lease.suspect();
    throw error;
  }
}
