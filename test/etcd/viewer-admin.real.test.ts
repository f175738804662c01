import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { publicIdOf } from "../../src/domain/viewer-session.ts";
import { openProcessLease } from "../../src/etcd/process-lease.ts";
import { etcdViewerBoard } from "../../src/etcd/viewer-board.ts";
import { announceViewerServer, etcdViewerServers } from "../../src/etcd/viewer-servers.ts";
import { etcdViewerSessions } from "../../src/etcd/viewer-sessions.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { viewerAdmin } from "../../src/services/viewer-admin.ts";
import { countedViewers, ViewerCounters } from "../../src/services/viewer-counters.ts";
import { viewerSummary } from "../../src/services/viewer-servers.ts";
import { create, refresh, sessionNamed } from "../services/viewer-store-contract.ts";
import { STORES } from "../support/etcd-stores.ts";
import { storeWorld } from "../support/store-world.ts";
import { until } from "../support/until.ts";

const ANN = { kind: "operator", id: "ann" } as const;

describe.each(STORES)("what operators do to viewer sessions in $name", ({ start }) => {
  const world = storeWorld(start);
  const adminOf = () =>
    viewerAdmin({
      store: etcdViewerSessions(world.client()),
      board: etcdViewerBoard(world.client()),
      servers: etcdViewerServers(world.client()),
      hash: (text) => createHash("sha256").update(text).digest("hex"),
      audit: async () => {},
      clock: systemClock,
    });

  it("reaches the viewers of another server, and leaves those of a large plan alone", async () => {
    const server = etcdViewerSessions(world.client());
    const admin = adminOf();
    const eve = sessionNamed("eve");
    const orders = Array.from({ length: 20 }, () => create({ limit: 20 }));
    await Promise.all(orders.map((order) => server.apply(eve, order)));
    const [first] = orders as [(typeof orders)[0]];

    expect(await admin.end(eve, publicIdOf(first), { do: "evict", note: "shared" }, ANN)).toBe(true);

    expect((await admin.show({ name: "eve" })).tokens).toHaveLength(19);
    expect(await server.apply(eve, refresh(first.tokenHash, { limit: 20 }))).toMatchObject({
      answer: "token ended",
      ended: { cause: "operator", note: "shared", by: { label: "ann" } },
    });
  });

  it("sees what a server is asked for while it lives, and no server that has gone", async () => {
    const etcd = world.client();
    const counters = new ViewerCounters();
    const server = countedViewers(etcdViewerSessions(etcd), counters);
    const admin = adminOf();
    const lease = await openProcessLease(etcd, { processId: "server:1", ttlSeconds: 2 });
    const announced = announceViewerServer(etcd, {
      ...{ lease, serverId: "vm:4711:7K2QXM", summary: viewerSummary(counters, systemClock) },
    });
    const ada = sessionNamed("ada");

    await until(async () => {
      await server.apply(ada, create()); // three find room
      const { servers, sessions } = await admin.activity();
      return servers[0]?.counts.issued === 3 && sessions.some(({ name, refused }) => name === "ada" && refused > 0);
    });

    expect((await admin.activity()).servers).toMatchObject([{ serverId: "vm:4711:7K2QXM", counts: { failed: 0 } }]);
    await announced.takeBack();
    expect((await admin.activity()).servers).toEqual([]);
    await lease.close();
  });
});
