import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { Clock } from "../../src/domain/clock.ts";
import { serveGrpc } from "../../src/embedded/etcd/grpc-server.ts";
import { inProcessTransport } from "../../src/embedded/etcd/in-process.ts";
import { openEmbeddedStore } from "../../src/embedded/etcd/store.ts";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { systemClock } from "../../src/runtime/clock.ts";

/** A store that runs for one test file. */
export interface RunningStore {
  /** `host:port`; null in process. */
  readonly endpoint: string | null;
  /** A client of its own, on the system's clock unless told another; close it. */
  client(prefix: string, clock?: Clock): Etcd;
  close(): Promise<void>;
}

/** Every store and way to it that rig's etcd room must hold on; null where one cannot run here. */
export const STORES: readonly { readonly name: string; start(): Promise<RunningStore | null> }[] = [
  {
    name: "a real etcd",
    async start() {
      const endpoint = inject("etcdEndpoint");
      if (endpoint === null) return null;
      return {
        endpoint,
        client: (prefix, clock = systemClock) => etcdClient({ endpoints: [endpoint], prefix, clock }),
        close: async () => {},
      };
    },
  },
  {
    name: "the embedded store over gRPC",
    async start() {
      const { store, close } = await embeddedStore();
      const listener = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
      const endpoint = `127.0.0.1:${listener.port}`;
      return {
        endpoint,
        client: (prefix, clock = systemClock) => etcdClient({ endpoints: [endpoint], prefix, clock }),
        async close() {
          await listener.close();
          await close();
        },
      };
    },
  },
  {
    name: "the embedded store in process",
    async start() {
      const { store, close } = await embeddedStore();
      return {
        endpoint: null,
        client: (prefix, clock = systemClock) =>
          etcdClient({ endpoints: [], transport: inProcessTransport(store), prefix, clock }),
        close,
      };
    },
  },
];

async function embeddedStore() {
  const folder = await mkdtemp(join(tmpdir(), "rig-store-"));
  const store = await openEmbeddedStore({ folder, clock: systemClock });
  const close = async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { store, close };
}
