import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { etcdAgentRegistry } from "../../src/etcd/agent-registry.ts";
import type { Etcd } from "../../src/etcd/client.ts";
import { etcdClient } from "../../src/etcd/client.ts";
import { etcdLiveStatuses } from "../../src/etcd/live-statuses.ts";
import type { LeaseNews } from "../../src/etcd/process-lease.ts";
import { etcdPublishClaims } from "../../src/etcd/publish-claims.ts";
import { realEtcd } from "../support/etcd-client.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();
const claim = { streamId: "stream-1", agentId: "edge-1", publishId: "p1", state: "live" } as const;
const TTL_SECONDS = 2;
const CALM_TTL_SECONDS = 240; // no beat comes in between

describe("a lease that was revoked from outside", () => {
  let etcd: Etcd;
  beforeEach((context) => {
    const real = realEtcd();
    if (!real) return context.skip();
    etcd = world.client(real);
  });

  it("refuses a claim with LEASE_LOST, is replaced at once, and has its keys put back", async () => {
    const news: LeaseNews[] = [];
    const lease = await world.lease(etcd, { ttlSeconds: CALM_TTL_SECONDS, onNews: (item) => news.push(item) });
    const claims = etcdPublishClaims(etcd, lease);
    const statuses = etcdLiveStatuses(etcd, lease);
    const registry = etcdAgentRegistry(etcd, lease);
    const slots = { total: 1, used: 0 };
    await registry.announce({
      agentId: "edge-1",
      state: "ready",
      region: "",
      cluster: "",
      slots,
      ingestUrl: "",
      apiUrl: "",
      version: "",
    });
    await statuses.write("edge-1", [
      { ...claim, startedAt: 1, ingestBytes: 1, ingestBps: 1, lostFrames: 0, relays: [] },
    ]);
    await claims.claim(claim);
    const putBack: unknown[] = [];
    lease.onRegranted(async () => void putBack.push(await claims.claim(claim)));

    await etcd.revokeLease(lease.guard().leaseId);
    expect(await claims.list()).toEqual([]);
    await expect(claims.claim({ ...claim, streamId: "stream-2" })).rejects.toMatchObject({ code: "LEASE_LOST" });
    await until(() => news.includes("put back"), { limitMs: (CALM_TTL_SECONDS * 1_000) / 8 }); // its next beat comes later

    expect(news).toEqual(["held", "lost", "granted again", "put back"]);
    expect(putBack).toEqual([{ claimed: true }]);
    expect(await claims.find("stream-1")).toEqual(claim);
    expect(await statuses.list()).toHaveLength(1);
    expect(await registry.list()).toHaveLength(1);
    expect((await etcd.get(etcd.keys.publish("stream-1")))?.leaseId).toBe(lease.guard().leaseId);
  });

  it("tells the owner when another edge took the stream meanwhile", async () => {
    const lease = await world.lease(etcd, { ttlSeconds: CALM_TTL_SECONDS });
    const claims = etcdPublishClaims(etcd, lease);
    await claims.claim(claim);
    const putBack: unknown[] = [];
    lease.onRegranted(async () => void putBack.push(await claims.claim(claim)));
    const elsewhere = etcdPublishClaims(etcd, await world.lease(etcd));

    await etcd.revokeLease(lease.guard().leaseId);
    const taken = { ...claim, agentId: "edge-2", publishId: "p2" };
    await elsewhere.claim(taken);
    lease.suspect();
    await until(() => putBack.length === 1);

    expect(putBack).toEqual([{ claimed: false, holder: taken }]);
  });

  it("moves a claim that still hangs on the lease of before", async () => {
    const before = await world.lease(etcd);
    await etcdPublishClaims(etcd, before).claim(claim);
    const now = await world.lease(etcd);

    expect(await etcdPublishClaims(etcd, now).claim(claim)).toEqual({ claimed: true });
    await before.close();

    expect(await etcdPublishClaims(etcd, now).find("stream-1")).toEqual(claim);
  });

  it("tries a failed put-back again until it succeeds", async () => {
    const lease = await world.lease(etcd, { ttlSeconds: TTL_SECONDS });
    let tries = 0;
    lease.onRegranted(async () => {
      tries += 1;
      if (tries < 3) throw new Error("not yet");
    });

    await etcd.revokeLease(lease.guard().leaseId);
    await until(() => tries === 3);

    await until(() => lease.isSure());
  });
});

describe("a lease that cannot be renewed", () => {
  let etcd: Etcd;
  let proxy: TcpProxy;
  beforeEach(async (context) => {
    const real = realEtcd();
    if (!real) return context.skip();
    world.client(real);
    const { inject } = await import("vitest");
    proxy = await tcpProxy(inject("etcdEndpoint") ?? "");
    etcd = world.client(etcdClient({ endpoints: [proxy.endpoint], prefix: real.keys.prefix }));
  });
  afterEach(async () => {
    await proxy?.close();
  });

  it("is in doubt before etcd lets go of it, says why, refuses claims meanwhile, and is taken anew", async () => {
    const news: LeaseNews[] = [];
    const reasons: unknown[] = [];
    const onNews = (item: LeaseNews, why?: unknown) => {
      news.push(item);
      if (why !== undefined) reasons.push(why);
    };
    const lease = await world.lease(etcd, { ttlSeconds: 2 * TTL_SECONDS, onNews });
    const claims = etcdPublishClaims(etcd, lease);
    await claims.claim(claim);
    lease.onRegranted(async () => void (await claims.claim(claim)));
    const observer = realEtcd(etcd.keys.prefix)!;

    proxy.freeze();
    const isGone = async () => (await observer.get(etcd.keys.publish("stream-1"))) === null;
    const letGo = until(async () => (await isGone()) && { isSureByThen: lease.isSure() });
    await until(() => !lease.isSure());
    await expect(claims.claim({ ...claim, streamId: "stream-2" })).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await letGo).toEqual({ isSureByThen: false });
    await observer.close();
    proxy.mend();
    await until(() => news.includes("put back"));

    expect(lease.isSure()).toBe(true);
    expect(await claims.find("stream-1")).toEqual(claim);
    expect(reasons[0]).toMatchObject({ code: "ETCD_UNREACHABLE" });
  });

  it("outlives a short silence with all its keys", async () => {
    const news: LeaseNews[] = [];
    const lease = await world.lease(etcd, { onNews: (item) => news.push(item) });
    const claims = etcdPublishClaims(etcd, lease);
    await claims.claim(claim);

    proxy.cut();
    lease.suspect();
    await expect(claims.find("stream-1")).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });
    proxy.mend();
    await until(() => claims.find("stream-1").catch(() => null));

    expect(await claims.find("stream-1")).toEqual(claim);
    expect(news).not.toContain("lost");
  });
});
