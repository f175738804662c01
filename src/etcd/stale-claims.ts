import type { StaleClaims } from "../services/coordination.ts";
import type { Etcd } from "./client.ts";
import type { ProcessLease } from "./process-lease.ts";
import { readClaimOf, removeClaim } from "./publish-claims.ts";

/** Claims of this agent that do not hang on this process's lease: their owner is gone, its lease only not yet. */
export function etcdStaleClaims(etcd: Etcd, lease: ProcessLease): StaleClaims {
  return {
    async clear(agentId) {
      const { leaseId } = lease.guard();
      const { entries } = await etcd.list(etcd.keys.publishes);
      const stale = entries.filter(
        (entry) => entry.leaseId !== leaseId && readClaimOf(etcd, entry)?.agentId === agentId,
      );
      const removed = await Promise.all(stale.map((entry) => etcd.commit(removeClaim(entry))));
      return removed.filter(Boolean).length;
    },
  };
}
