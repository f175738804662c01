import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Etcd } from "../../src/etcd/client.ts";
import { etcdPrefix } from "./etcd-prefix.ts";
import type { RunningStore } from "./etcd-stores.ts";
import { etcdWorld } from "./etcd-world.ts";

/** One store for a `describe`, and under it a prefix and clients of each test's own. Call it once in a `describe`. */
export function storeWorld(start: () => Promise<RunningStore | null>) {
  const world = etcdWorld();
  let store: RunningStore | null;
  let prefix: string;
  let etcd: Etcd;
  const client = () => world.client(store!.client(prefix));
  beforeAll(async () => {
    store = await start();
  });
  afterAll(async () => {
    await store?.close();
  });
  beforeEach((context) => {
    if (!store) return context.skip();
    prefix = etcdPrefix();
    etcd = client();
  });
  return {
    ...world,
    /** Another client under the test's prefix. */
    client,
    get prefix() {
      return prefix;
    },
    /** The test's own client. */
    get etcd() {
      return etcd;
    },
  };
}
