import { describe } from "vitest";
import { etcdViewerSessions } from "../../src/etcd/viewer-sessions.ts";
import { viewerStoreContract } from "../services/viewer-store-contract.ts";
import { STORES } from "../support/etcd-stores.ts";
import { storeWorld } from "../support/store-world.ts";

describe.each(STORES)("viewer sessions in $name", ({ start }) => {
  const world = storeWorld(start);

  viewerStoreContract(() => ({ server: () => etcdViewerSessions(world.client()) }));
});
