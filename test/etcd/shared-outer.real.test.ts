import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { absent, type Operation, put } from "../../src/etcd/operation.ts";
import { etcdPublishClaims } from "../../src/etcd/publish-claims.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { create } from "../support/held-etcd.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";

const world = etcdWorld();
const PATIENT = { deadlineMs: 60_000 }; // on a busy machine 90 at a time may take longer than a caller waits

describe.each(STORES)("90 callers at a time, one of them in trouble, on $name", ({ name, start }) => {
  let store: RunningStore | null;
  let etcd: Etcd;
  let proxy: TcpProxy | null = null;
  beforeAll(async () => {
    store = await start();
  });
  afterAll(async () => {
    await store?.close();
  });
  beforeEach((context) => {
    if (!store) return context.skip();
    etcd = world.client(store.client(etcdPrefix()));
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = null;
  });

  const key = (name: string) => `${etcd.keys.prefix}${name}`;

  /** The trouble amid 89 others; answers its code, and how many of the others are in the store. */
  async function amidOthers(trouble: () => Promise<unknown>): Promise<{ code: unknown; others: number }> {
    const before = Array.from({ length: 45 }, (_, n) => etcd.commit(create(key(`k/${n}`), "v"), PATIENT));
    const troubled = trouble().catch((error) => error.code);
    const after = Array.from({ length: 44 }, (_, n) => etcd.commit(create(key(`k/${n + 45}`), "v"), PATIENT));
    expect(await Promise.all([...before, ...after])).toEqual(Array.from({ length: 89 }, () => true));
    return { code: await troubled, others: (await etcd.list(key("k/"))).entries.length };
  }

  it("let one fail alone whose lease is dead", async () => {
    const lease = await world.lease(etcd);
    const claims = etcdPublishClaims(etcd, lease);
    await etcd.revokeLease(lease.guard().leaseId);

    const claim = { streamId: "s", agentId: "a", publishId: "p", state: "live" } as const;
    expect(await amidOthers(() => claims.claim(claim))).toEqual({ code: "LEASE_LOST", others: 89 });

    expect(await claims.find("s")).toBeNull();
  });

  it("let one fail alone whose lease is dead while its guard stands: the batch is halved", async () => {
    const { aliveKey, aliveRevision } = (await world.lease(etcd)).guard();
    const guard = { aliveKey, aliveRevision, leaseId: "123456789" }; // a lease that never was
    const leased: Operation<boolean> = {
      ...create(key("leased"), "v"),
      apply: [put(key("leased"), Buffer.from("v"), guard.leaseId)],
      guard,
    };

    expect(await amidOthers(() => etcd.commit(leased, PATIENT))).toEqual({ code: "LEASE_LOST", others: 89 });

    expect(await etcd.get(key("leased"))).toBeNull();
  });

  it.each([
    ["an oversized value", "PAYLOAD_TOO_LARGE", (at: string) => create(at, "x".repeat(2 ** 20))],
    ["a key that is no UTF-8", "INVALID_INPUT", (at: string) => create(`${at}\udfff`, "v")],
    ["an oversized key", "INVALID_INPUT", (at: string) => create(`${at}${"k".repeat(5_000)}`, "v")],
  ])("let one fail alone that brings %s", async (_, code, operation) => {
    expect(await amidOthers(() => etcd.commit(operation(key("bad")), PATIENT))).toEqual({ code, others: 89 });
  });

  it("fit in one transaction, 96 under one guard with as many compares as there can be", async () => {
    const guard = (await world.lease(etcd)).guard();
    const large = (n: number) => {
      const when = Array.from({ length: 27 }, (_, i) => absent(key(`k/${n}/${i}`)));
      return create(key(`k/${n}/0`), "v", { guard, when });
    };

    const won = await Promise.all(Array.from({ length: 96 }, (_, n) => etcd.commit(large(n), PATIENT)));

    expect(won).not.toContain(false);
    const { entries } = await etcd.list(key("k/"));
    expect(new Set(entries.map((entry) => entry.modRevision)).size).toBe(1);
  });

  const hasConnection = name !== "the embedded store in process";
  if (hasConnection)
    it("let one leave alone whose deadline passes on the way", async () => {
      proxy = await tcpProxy(store?.endpoint ?? "");
      etcd = world.client(etcdClient({ endpoints: [proxy.endpoint], prefix: etcdPrefix() }));
      await etcd.commit(create(key("connected"), "v"));

      proxy.freeze();
      const hasty = () =>
        etcd.commit(create(key("hasty"), "v"), { deadlineMs: 1 }).catch((error) => {
          proxy?.mend();
          throw error;
        });
      expect(await amidOthers(hasty)).toEqual({ code: "ETCD_AMBIGUOUS", others: 89 });
    });

  it("let one leave alone that gives up before anything is sent", async () => {
    const impatient = new AbortController();
    const leaving = () => {
      const commit = etcd.commit(create(key("left"), "v"), { signal: impatient.signal });
      impatient.abort(Object.assign(new Error("left"), { code: "left" }));
      return commit;
    };
    expect(await amidOthers(leaving)).toEqual({ code: "left", others: 89 });

    expect(await etcd.get(key("left"))).toBeNull();
  });
});
