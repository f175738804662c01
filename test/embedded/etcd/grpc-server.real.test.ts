import { credentials } from "@grpc/grpc-js";
import { Etcd3 } from "etcd3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GrpcListener, serveGrpc } from "../../../src/embedded/etcd/grpc-server.ts";
import { inProcessTransport } from "../../../src/embedded/etcd/in-process.ts";
import type { EmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createCa, issueCertificate } from "../../../src/runtime/tls/authority.ts";
import { until } from "../../support/until.ts";
import { rawGrpc } from "./raw-client.ts";
import { temporaryStore } from "./temporary-store.ts";

let store: EmbeddedStore;
const listeners: GrpcListener[] = [];
const listen = async (more: object = {}): Promise<GrpcListener> => {
  const listener = await serveGrpc(store, { host: "127.0.0.1", port: 0, ...more });
  listeners.push(listener);
  return listener;
};
beforeEach(async () => {
  store = await temporaryStore();
});
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
  await store.close();
});

describe("the listener", () => {
  it("says who has the port when it is taken", async () => {
    const { port } = await listen();

    await expect(listen({ port })).rejects.toMatchObject({ code: "PORT_IN_USE" });
  });

  it("with a CA lets in only clients that have a certificate of it", async () => {
    const ca = await createCa({ clock: systemClock, name: "test" });
    const issue = (kind: "server" | "agent") =>
      issueCertificate({ ca, kind, name: kind, hosts: ["127.0.0.1"], clock: systemClock });
    const [server, client] = await Promise.all([issue("server"), issue("agent")]);
    const tls = { cert: server.certificate, key: server.privateKey.open(), ca: ca.certificate };
    const { port } = await listen({ tls });
    const root = Buffer.from(ca.certificate);
    const pair = [Buffer.from(client.privateKey.open()), Buffer.from(client.certificate)] as const;
    const known = rawGrpc(`127.0.0.1:${port}`, credentials.createSsl(root, ...pair));
    const unknown = rawGrpc(`127.0.0.1:${port}`, credentials.createSsl(root));

    const { members } = await known.call("Cluster.MemberList", {});

    expect(members[0].clientURLs).toEqual([`https://127.0.0.1:${port}`]);
    await expect(unknown.call("Cluster.MemberList", {})).rejects.toMatchObject({ code: 14 });
    known.close();
    unknown.close();
  });

  it("ends streams with UNAVAILABLE when the store closes, and refuses calls from then on", async () => {
    const { port } = await listen();
    const client = rawGrpc(`127.0.0.1:${port}`);
    const watch = client.watch();
    watch.write({ create_request: { key: Buffer.from("k") } });
    await watch.message(0);

    await store.close();

    await until(() => watch.errors.length > 0);
    expect(watch.errors[0]).toMatchObject({ code: 14 });
    await expect(client.call("KV.Range", { key: Buffer.from("k") })).rejects.toMatchObject({ code: 14 });
    client.close();
  });

  it("answers UNIMPLEMENTED to what it does not have", async () => {
    const { port } = await listen();
    const client = rawGrpc(`127.0.0.1:${port}`);

    for (const path of ["Auth.UserAdd", "Cluster.MemberAdd", "Maintenance.HashKV"])
      await expect(client.call(path, {}), path).rejects.toMatchObject({ code: 12 });
    client.close();
  });

  it("refuses a message beyond its limit and goes on", async () => {
    const { port } = await listen();
    const client = rawGrpc(`127.0.0.1:${port}`);
    const value = Buffer.alloc(3_000_000);

    await expect(client.call("KV.Put", { key: Buffer.from("k"), value })).rejects.toMatchObject({ code: 8 });

    expect((await client.call("KV.Range", { key: Buffer.from("k") })).count).toBe("0");
    client.close();
  });
});

describe.each(["over gRPC", "in process"])("the unchanged etcd3 client %s", (way) => {
  const connect = async (): Promise<Etcd3> => {
    if (way === "over gRPC") return new Etcd3({ hosts: `127.0.0.1:${(await listen()).port}` });
    const client = new Etcd3();
    client.mock(inProcessTransport(store) as unknown as Parameters<Etcd3["mock"]>[0]);
    return client;
  };

  it("puts, watches, leases and locks", async () => {
    const client = await connect();
    const watcher = await client.watch().prefix("a/").create();
    const seen: string[] = [];
    watcher.on("put", ({ key }) => seen.push(`put ${key}`));
    watcher.on("delete", ({ key }) => seen.push(`delete ${key}`));
    await client.put("a/1").value("one");
    const lease = client.lease(30);
    await lease.put("a/2").value("leased");
    await lease.keepaliveOnce();
    await client
      .lock("a lock")
      .ttl(10)
      .do(() => client.put("a/3").value("locked"));
    const before = await client.getAll().prefix("a/").strings();
    await lease.revoke();
    await until(() => seen.length >= 4);

    expect(before).toEqual({ "a/1": "one", "a/2": "leased", "a/3": "locked" });
    expect(seen).toEqual(["put a/1", "put a/2", "put a/3", "delete a/2"]);
    await watcher.cancel();
    const second = await client.watch().key("b").create(); // on a stream of its own: the first ended with its last watch
    await second.cancel();
    client.close();
  });
});
