import type { Deadlines } from "../services/deadlines.ts";
import type { EtcdCalls } from "./calls.ts";
import { type KeepAliveStream, openKeepAlive } from "./keep-alive-stream.ts";
import type { Members } from "./members.ts";
import { openWatch, type WatchOrder, type WatchStream } from "./watch-stream.ts";

/** Etcd's streams, each to the member that is asked at the time. */
export interface EtcdStreams {
  /** @throws RigError ETCD_UNREACHABLE */
  watch(order: WatchOrder): Promise<WatchStream>;
  keepAlive(): Promise<KeepAliveStream>;
}

/** Opens streams to the member that answers now; one that breaks makes its member suspect. */
export function etcdStreams(members: Members, calls: Pick<EtcdCalls, "range">, deadlines: Deadlines): EtcdStreams {
  return {
    async watch(order) {
      // Read first: a stream does not say that its token is stale, that its member hangs, or lags behind what we know.
      const { header } = await calls.range({ key: Buffer.from(order.prefix), keys_only: true });
      const isAnother = order.clusterId !== undefined && order.clusterId !== header.cluster_id;
      if (isAnother || Number(header.revision) + 1 < order.fromRevision) return lostData(order);
      const member = members.pick();
      const onEnd: WatchOrder["onEnd"] = (why) => {
        if (!why.mustList) members.suspect(member);
        order.onEnd(why);
      };
      return await member.auth.run((options) => openWatch(member.client, { ...order, onEnd }, deadlines, options));
    },
    keepAlive: async () => {
      const member = members.pick();
      const suspect = () => members.suspect(member);
      const opened = member.auth.run((options) => openKeepAlive(member.client.leaseClient, suspect, options));
      return await opened.catch((error) => {
        suspect(); // it gave no token in time
        throw error;
      });
    },
  };
}

/** The store was replaced, or set back: it would be silent until it had caught up with what the one before told. */
function lostData({ onEnd }: WatchOrder): WatchStream {
  onEnd({ mustList: true, error: new Error("the store has lost revisions") });
  return { end: () => {} };
}
