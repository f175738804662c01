import { describe } from "vitest";
import { etcdClient } from "../../src/etcd/client.ts";
import { inform } from "../../src/etcd/informer.ts";
import { decodeViewers } from "../../src/etcd/viewer-encoding.ts";
import { startEtcd } from "../support/etcd.ts";
import { hammersViewers, type WatchedStore } from "../support/viewer-hammer.ts";

async function hammeredEtcd(): Promise<WatchedStore | null> {
  const etcd = await startEtcd();
  if (!etcd) return null;
  const client = etcdClient({ endpoints: [etcd.endpoint] });
  return {
    env: { ETCD_ENDPOINTS: etcd.endpoint },
    async restart() {
      await etcd.kill();
      etcd.start();
      await etcd.healthy();
    },
    watch: (see, signal) =>
      inform(
        client,
        client.keys.viewerSessions,
        { onPut: ({ key, value }) => see(decodeViewers(key, value).tokens.length) },
        signal,
      ),
    async stop() {
      await client.close();
      await etcd.stop();
    },
  };
}

describe("servers of viewer tokens that are killed, over an etcd that is restarted", () => {
  hammersViewers(hammeredEtcd, { usualMs: 10_000, faultsMs: 1_750 });
});
