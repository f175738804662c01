import type { Log } from "../domain/log.ts";
import { shownFailure } from "../domain/store-failure.ts";
import { etcdAgentRegistry } from "../etcd/agent-registry.ts";
import { type Etcd, etcdClient } from "../etcd/client.ts";
import type { EtcdAddress } from "../etcd/connection.ts";
import { etcdDropOrders } from "../etcd/drop-orders.ts";
import { etcdLiveStatuses } from "../etcd/live-statuses.ts";
import { noLease } from "../etcd/no-lease.ts";
import { openProcessLease, type ProcessLease } from "../etcd/process-lease.ts";
import { etcdPublishClaims } from "../etcd/publish-claims.ts";
import { etcdPublishOrders } from "../etcd/publish-orders.ts";
import { etcdWantedRevisions } from "../etcd/wanted-revisions.ts";

/** The ports of services/coordination.ts over one etcd. */
export interface Coordination {
  readonly etcd: Etcd;
  readonly lease: ProcessLease;
  readonly claims: ReturnType<typeof etcdPublishClaims>;
  readonly live: ReturnType<typeof etcdLiveStatuses>;
  readonly wanted: ReturnType<typeof etcdWantedRevisions>;
  readonly dropOrders: ReturnType<typeof etcdDropOrders>;
  readonly orders: ReturnType<typeof etcdPublishOrders>;
  readonly registry: ReturnType<typeof etcdAgentRegistry>;
  /** Revokes the lease, then ends the client: close it last. */
  close(): Promise<void>;
}

/** For a process that owns nothing there: the command line, the server. Connects at the first call. */
export const observeCoordination = (address: EtcdAddress): Coordination => over(etcdClient(address), noLease);

/** For a process that owns keys: takes its lease. @throws RigError ETCD_UNREACHABLE */
export async function joinCoordination(address: EtcdAddress, processId: string, log: Log): Promise<Coordination> {
  const etcd = etcdClient(address);
  try {
    const onNews = (news: string, why?: unknown) =>
      log[why ? "warn" : "info"]({ processId, lease: news, ...(why !== undefined && shownFailure(why)) }, "etcd lease");
    return over(etcd, await openProcessLease(etcd, { processId, onNews }));
  } catch (error) {
    await etcd.close();
    throw error;
  }
}

const over = (etcd: Etcd, lease: ProcessLease): Coordination => ({
  etcd,
  lease,
  claims: etcdPublishClaims(etcd, lease),
  live: etcdLiveStatuses(etcd, lease),
  wanted: etcdWantedRevisions(etcd),
  dropOrders: etcdDropOrders(etcd),
  orders: etcdPublishOrders(etcd),
  registry: etcdAgentRegistry(etcd, lease),
  async close() {
    await lease.close();
    await etcd.close();
  },
});
