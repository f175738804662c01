import { describe, it } from "vitest";
import { serveGrpc } from "../../../src/embedded/etcd/grpc-server.ts";
import { etcdBinary, startEtcd } from "../../support/etcd.ts";
import { storeContract } from "./contract.ts";
import { rawGrpc, rawInProcess } from "./raw-client.ts";
import { temporaryStore } from "./temporary-store.ts";

storeContract("the embedded store in process", async () => {
  const store = await temporaryStore();
  const client = rawInProcess(store);
  return {
    client,
    close: async () => {
      client.close();
      await store.close();
    },
  };
});

storeContract("the embedded store over gRPC", async () => {
  const store = await temporaryStore();
  const listener = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
  const client = rawGrpc(`127.0.0.1:${listener.port}`);
  return {
    client,
    close: async () => {
      client.close();
      await listener.close();
      await store.close();
    },
  };
});

if (etcdBinary() === null) describe("a real etcd", () => it.skip("keeps the contract: no etcd is installed", () => {}));
else
  storeContract("a real etcd", async () => {
    const etcd = await startEtcd();
    const client = rawGrpc(etcd?.endpoint ?? "");
    return {
      client,
      close: async () => {
        client.close();
        await etcd?.stop();
      },
    };
  });
