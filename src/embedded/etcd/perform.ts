import type { ApiPorts } from "./api-ports.ts";
import type { LeaseId } from "./state/record.ts";
import type { Operation, OperationResult } from "./state/requests.ts";
import { refuse } from "./store-error.ts";
import { requestBytes } from "./wire/request-size.ts";

/** Performs one operation on keys. @throws StoreError */
export async function performOperation({ engine, limits }: ApiPorts, operation: Operation): Promise<OperationResult> {
  if (requestBytes(operation) > limits.maxRequestBytes) throw refuse.tooLarge();
  return engine.perform((machine) => machine.perform(operation));
}

/** Gives a lease its full time again; answers its seconds, 0 where it is not there. @throws StoreError */
export const renewLease = ({ engine }: ApiPorts, id: LeaseId): Promise<number> =>
  engine.perform(({ leases }) => {
    const lease = leases.get(id);
    if (lease) leases.renew(lease);
    return lease?.ttlSeconds ?? 0;
  });
