import { readViewerServer, viewerServerText } from "../services/stored-viewer-servers.ts";
import type { ViewerServers, ViewerSummary } from "../services/viewer-servers.ts";
import type { Etcd } from "./client.ts";
import type { ProcessLease } from "./process-lease.ts";
import { keepOwnKey } from "./tasks/own-key.ts";

interface Announcement {
  /** The process's, at whose beats it is said. */
  readonly lease: ProcessLease;
  /** As operators know the server. */
  readonly serverId: string;
  readonly summary: () => ViewerSummary;
}

/** Says at each beat of this process's lease (every 2 s) what its viewer tokens came to; an idle one is silent. @see keepOwnKey */
export function announceViewerServer(etcd: Etcd, { lease, serverId, summary }: Announcement) {
  return keepOwnKey(etcd, lease, {
    key: etcd.keys.viewerServer(serverId),
    what: "announce a server of viewer tokens",
    value: () => Buffer.from(viewerServerText(summary())),
  });
}

const PAGE_KEYS = 256; // of at most 4 KiB

/** The servers that announced themselves in this etcd and live. */
export const etcdViewerServers = (etcd: Etcd): ViewerServers => ({
  async list() {
    const { keys, list } = etcd;
    const { entries } = await list(keys.viewerServers, { pageKeys: PAGE_KEYS });
    const idOf = (key: string) => keys.segments(key, keys.viewerServers).join("/");
    return entries.flatMap(({ key, value }) => readViewerServer(idOf(key), value.toString()));
  },
});
