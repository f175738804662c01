import { RigError } from "../domain/errors.ts";
import type { Etcd } from "./client.ts";
import { absent, get, type KeyValue, type LeaseGuard, put, unchanged } from "./operation.ts";

/**
 * Puts `alive/<processId>` on a new lease; its revision guards every put on that lease. One that a lease of before holds
 * is replaced: what was guarded by it fails from then on.
 * @throws RigError ETCD_UNREACHABLE, ETCD_AMBIGUOUS; CONFLICT where two processes call themselves the same
 */
export async function putAliveKey(etcd: Etcd, processId: string, leaseId: string): Promise<LeaseGuard> {
  const aliveKey = etcd.keys.alive(processId);
  const present = await etcd.get(aliveKey);
  const aliveRevision = await etcd.commit<number | null>({
    what: "say that this process lives",
    when: [present ? unchanged(present) : absent(aliveKey)],
    apply: [put(aliveKey, Buffer.from(leaseId), leaseId)],
    otherwise: [get(aliveKey)],
    answer: ({ succeeded, revision, found }) => (succeeded ? revision : onLease(found[0] ?? null, leaseId)),
    settle: async (read) => {
      const value = onLease(await read(aliveKey), leaseId);
      return value === null ? { was: "not applied" } : { was: "applied", value };
    },
  });
  if (aliveRevision === null) throw new RigError("CONFLICT", `etcd: another process calls itself ${processId}`);
  return { leaseId, aliveKey, aliveRevision };
}

/** The revision of a key that hangs on this lease; null for any other. */
const onLease = (entry: KeyValue | null, leaseId: string): number | null =>
  entry?.leaseId === leaseId ? entry.modRevision : null;
