import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LivePublish } from "../../src/domain/live.ts";
import { etcdAgentRegistry } from "../../src/etcd/agent-registry.ts";
import type { Etcd } from "../../src/etcd/client.ts";
import { etcdDropOrders } from "../../src/etcd/drop-orders.ts";
import { etcdLiveStatuses } from "../../src/etcd/live-statuses.ts";
import type { ProcessLease } from "../../src/etcd/process-lease.ts";
import { etcdPublishClaims } from "../../src/etcd/publish-claims.ts";
import { etcdPublishOrders } from "../../src/etcd/publish-orders.ts";
import { etcdStaleClaims } from "../../src/etcd/stale-claims.ts";
import { etcdWantedRevisions } from "../../src/etcd/wanted-revisions.ts";
import type { AgentStatus, PublishClaim } from "../../src/services/coordination.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();

const claimOf = (publishId: string, more: Partial<PublishClaim> = {}): PublishClaim => ({
  streamId: "stream-1",
  agentId: "edge-1",
  publishId,
  state: "live",
  ...more,
});

const liveOf = (publishId: string, ingestBytes = 0): LivePublish => ({
  publishId,
  streamId: `stream of ${publishId}`,
  agentId: "edge-1",
  startedAt: 1_700_000_000_000,
  ingestBytes,
  ingestBps: 4_000_000,
  lostFrames: 0,
  relays: [],
});

const statusOf = (agentId: string, used = 0): AgentStatus => ({
  agentId,
  state: "ready",
  region: "eu",
  cluster: "one",
  slots: { total: 16, used },
  ingestUrl: "rtmp://127.0.0.1/live",
  apiUrl: "https://127.0.0.1:1",
  version: "0.1.0",
});

describe.each(STORES)("coordination on $name", ({ start }) => {
  let store: RunningStore | null;
  let prefix: string;
  let etcd: Etcd;
  let lease: ProcessLease;

  beforeAll(async () => {
    store = await start();
  });
  afterAll(async () => {
    await store?.close();
  });
  beforeEach(async (context) => {
    if (!store) return context.skip();
    prefix = etcdPrefix();
    etcd = world.client(store.client(prefix));
    lease = await world.lease(etcd);
  });

  const another = () => world.client(store!.client(prefix));

  describe("claims", () => {
    it("give a stream to the first, and tell the second who has it", async () => {
      const claims = etcdPublishClaims(etcd, lease);

      expect(await claims.claim(claimOf("p1"))).toEqual({ claimed: true });
      expect(await claims.claim(claimOf("p2"))).toEqual({ claimed: false, holder: claimOf("p1") });

      expect(await claims.find("stream-1")).toEqual(claimOf("p1"));
      expect(await claims.find("stream-2")).toBeNull();
    });

    it("let exactly one of 50 from two processes win", async () => {
      const elsewhere = another();
      const rooms = [
        etcdPublishClaims(etcd, lease),
        etcdPublishClaims(elsewhere, await world.lease(elsewhere)),
      ] as const;

      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => rooms[n % 2 ? 1 : 0].claim(claimOf(`p${n}`))),
      );

      const won = answers.findIndex((answer) => answer.claimed);
      expect(answers.filter((answer) => answer.claimed)).toHaveLength(1);
      for (const [n, answer] of answers.entries())
        if (n !== won) expect(answer).toEqual({ claimed: false, holder: claimOf(`p${won}`) });
    });

    it("may be repeated, and change their state", async () => {
      const claims = etcdPublishClaims(etcd, lease);
      await claims.claim(claimOf("p1"));

      expect(await claims.claim(claimOf("p1"))).toEqual({ claimed: true });
      expect(await claims.claim(claimOf("p1", { state: "grace" }))).toEqual({ claimed: true });

      expect(await claims.list()).toEqual([claimOf("p1", { state: "grace" })]);
    });

    it("are released by their own publish only, twice without harm", async () => {
      const claims = etcdPublishClaims(etcd, lease);
      await claims.claim(claimOf("p1"));

      await claims.release("stream-1", "p2");
      expect(await claims.find("stream-1")).not.toBeNull();
      await claims.release("stream-1", "p1");
      await claims.release("stream-1", "p1");

      expect(await claims.find("stream-1")).toBeNull();
    });

    it("go with the lease of their process", async () => {
      const claims = etcdPublishClaims(etcd, lease);
      const elsewhere = another();
      const other = etcdPublishClaims(elsewhere, await world.lease(elsewhere));
      await claims.claim(claimOf("p1"));

      await lease.close();

      expect(await other.list()).toEqual([]);
      expect(await other.claim(claimOf("p2"))).toEqual({ claimed: true });
    });

    it("of a dead predecessor are cleared, this process's and other agents' are not", async () => {
      const before = another();
      const died = etcdPublishClaims(before, await world.lease(before));
      await died.claim(claimOf("p1", { streamId: "left over" }));
      await died.claim(claimOf("p2", { streamId: "another's", agentId: "edge-2" }));
      const claims = etcdPublishClaims(etcd, lease);
      await claims.claim(claimOf("p3", { streamId: "mine" }));

      expect(await etcdStaleClaims(etcd, lease).clear("edge-1")).toBe(1);

      expect((await claims.list()).map((claim) => claim.streamId).sort()).toEqual(["another's", "mine"]);
    });
  });

  describe("live statuses", () => {
    it("replace all that the agent said before", async () => {
      const statuses = etcdLiveStatuses(etcd, lease);
      await statuses.write("edge-1", [liveOf("p1"), liveOf("p2")]);
      await statuses.write("edge-1", [liveOf("p2", 7)]);

      expect(await statuses.list()).toEqual([liveOf("p2", 7)]);
      await statuses.write("edge-1", []);
      expect(await statuses.list()).toEqual([]);
    });

    it("show a second reader the same, change after change", async () => {
      const statuses = etcdLiveStatuses(etcd, lease);
      const elsewhere = another();
      const reader = etcdLiveStatuses(elsewhere, await world.lease(elsewhere));

      for (const publishes of [[liveOf("p1")], [liveOf("p1", 5), liveOf("p2")], [], [liveOf("p3")]]) {
        await statuses.write("edge-1", publishes);
        expect(await reader.list()).toEqual(publishes);
      }
    });

    it("of 3,000 publishes fill several pages, and shrink again", async () => {
      const statuses = etcdLiveStatuses(etcd, lease);
      const many = Array.from({ length: 3_000 }, (_, n) => liveOf(`p${n}`, n));
      await statuses.write("edge-1", many);

      expect((await etcd.list(etcd.keys.live)).entries.length).toBeGreaterThan(1);
      expect(await statuses.list()).toEqual(many);
      await statuses.write("edge-1", many.slice(0, 1));
      expect(await statuses.list()).toEqual(many.slice(0, 1));
    });

    it("write nothing where nothing changed", async () => {
      const statuses = etcdLiveStatuses(etcd, lease);
      await statuses.write("edge-1", [liveOf("p1")]);
      const { revision } = await etcd.list(etcd.keys.live);
      await statuses.write("edge-1", [liveOf("p1")]);

      expect((await etcd.list(etcd.keys.live, { sinceRevision: revision + 1 })).entries).toEqual([]);
    });
  });

  describe("orders", () => {
    it("tell wanted revisions that are there and those that come, and never go down", async () => {
      const wanted = etcdWantedRevisions(etcd);
      const told: [string, number][] = [];
      await wanted.put("edge-1", "p1", 3);
      world.background((signal) => wanted.watch("edge-1", (...order) => told.push(order), signal));
      await until(() => told.length === 1);

      await wanted.put("edge-1", "p1", 2);
      await wanted.put("edge-1", "p1", 4);
      await wanted.put("edge-2", "p9", 1);
      await wanted.put("edge-1", "p2", 1);
      await until(() => told.length === 3);

      expect(told).toEqual([
        ["p1", 3],
        ["p1", 4],
        ["p2", 1],
      ]);
    });

    it("raise a revision once for all when many order at the same time", async () => {
      const wanted = etcdWantedRevisions(etcd);

      await Promise.all([3, 1, 5, 2, 4].map((revision) => wanted.put("edge-1", "p1", revision)));

      const entry = await etcd.get(etcd.keys.wanted("edge-1", "p1"));
      expect(JSON.parse(entry!.value.toString())).toEqual({ revision: 5 });
    });

    it("tell drops with their first reason", async () => {
      const drops = etcdDropOrders(etcd);
      const told: [string, string][] = [];
      world.background((signal) => drops.watch("edge-1", (...order) => told.push(order), signal));

      await drops.put("edge-1", "p1", "operator");
      await drops.put("edge-1", "p1", "quota");
      await drops.put("edge-1", "p2", "quota");
      await until(() => told.length === 2);

      expect(told).toEqual([
        ["p1", "operator"],
        ["p2", "quota"],
      ]);
    });

    it("of an ended publish are listed, and cleared together", async () => {
      const orders = etcdPublishOrders(etcd);
      await etcdWantedRevisions(etcd).put("edge-1", "p1", 1);
      await etcdDropOrders(etcd).put("edge-1", "p1", "operator");
      await etcdDropOrders(etcd).put("edge-2", "p2", "operator");

      expect(await orders.list()).toHaveLength(2);
      await orders.clear("edge-1", "p1");
      await orders.clear("edge-1", "p1");

      expect(await orders.list()).toEqual([{ agentId: "edge-2", publishId: "p2" }]);
    });

    it("end their watch when told to", async () => {
      const stop = new AbortController();
      const watching = etcdDropOrders(etcd).watch("edge-1", () => {}, stop.signal);

      stop.abort();

      await expect(watching).resolves.toBeUndefined();
    });
  });

  describe("agents", () => {
    it("are listed as they announced themselves last, until their lease ends", async () => {
      const registry = etcdAgentRegistry(etcd, lease);
      const elsewhere = another();
      const reader = etcdAgentRegistry(elsewhere, await world.lease(elsewhere));
      await registry.announce(statusOf("edge-1"));
      await registry.announce(statusOf("edge-1", 3));
      await registry.announce({ ...statusOf("edge-2"), state: "draining" });

      expect(await reader.list()).toEqual([statusOf("edge-1", 3), { ...statusOf("edge-2"), state: "draining" }]);
      await lease.close();
      expect(await reader.list()).toEqual([]);
    });
  });
});
