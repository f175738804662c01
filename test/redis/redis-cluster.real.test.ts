import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisViewerBoard } from "../../src/redis/viewer-board.ts";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import { allSessions } from "../services/viewer-board-contract.ts";
import { create, refresh, sessionNamed } from "../services/viewer-store-contract.ts";
import { type RealRedis, redisBinary } from "../support/redis.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { clientOf } from "../support/redis-world.ts";
import { until } from "../support/until.ts";

const SLOTS = 16_384;
const SIZE = 3;

describe("viewer sessions in a Redis cluster", () => {
  let cluster: RedisCluster | null = null;
  let nodes: readonly RealRedis[] = [];
  const ids = () => Promise.all(nodes.map(({ admin }) => admin.cluster("MYID")));

  beforeAll(async () => {
    if (redisBinary() === null) return;
    cluster = await startRedisCluster({ masters: SIZE });
    nodes = cluster.nodes;
  });
  afterAll(async () => {
    await cluster?.stop();
  });

  it("stand on all its nodes, each under its limit, and are all on the board", async (context) => {
    if (nodes.length === 0) return context.skip();
    const client = clientOf(`${nodes[0]?.url}?cluster=true`, "spread:");
    const [store, names] = [redisViewerSessions(client), Array.from({ length: 30 }, (_, n) => sessionNamed(`s${n}`))];
    await until(() => store.apply(names[0]!, create()).catch(() => null));

    const answers = await Promise.all(
      names.slice(1).flatMap((name) => Array.from({ length: 5 }, () => store.apply(name, create()))),
    );

    const found = await allSessions(redisViewerBoard(client));
    const sizes = await Promise.all(nodes.map(({ admin }) => admin.dbsize()));
    expect(answers.filter(({ answer }) => answer === "issued")).toHaveLength(29 * 3);
    expect(found.map(({ name }) => name).sort()).toEqual(names.map(({ name }) => name).sort());
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    await client.close();
  });

  it("are found where a slot moves from one node to another", async (context) => {
    if (nodes.length === 0) return context.skip();
    const client = clientOf(nodes.map(({ url }) => url).join(), "moved:");
    const [store, ada, mine] = [redisViewerSessions(client), sessionNamed("ada"), create()];
    await until(() => store.apply(ada, mine).catch(() => null));
    const key = client.keys.viewerSession(ada.key);
    const slot = await nodes[0]!.admin.cluster("KEYSLOT", key);
    const from = Math.floor((slot * SIZE) / SLOTS);
    const to = (from + 1) % SIZE;
    const [source, target, all] = [nodes[from]!, nodes[to]!, await ids()];

    await target.admin.call("CLUSTER", "SETSLOT", slot, "IMPORTING", all[from]!);
    await source.admin.call("CLUSTER", "SETSLOT", slot, "MIGRATING", all[to]!);
    await source.admin.migrate("127.0.0.1", target.port, key, 0, 5_000);
    const asked = await store.apply(ada, refresh(mine.tokenHash)); // ASK
    for (const { admin } of [target, source]) await admin.call("CLUSTER", "SETSLOT", slot, "NODE", all[to]!);
    const moved = await store.apply(ada, refresh(mine.tokenHash)); // MOVED

    expect([asked.answer, moved.answer]).toEqual(["renewed", "renewed"]);
    await client.close();
  });

  it("are an error in time where their node is away, the others' are not, and come back with it", async (context) => {
    if (nodes.length === 0) return context.skip();
    await Promise.all(nodes.map(({ admin }) => admin.config("SET", "cluster-require-full-coverage", "no")));
    const client = clientOf(nodes.map(({ url }) => url).join(), "away:");
    const store = redisViewerSessions(client);
    const names = Array.from({ length: 12 }, (_, n) => sessionNamed(`s${n}`));
    await until(() => store.apply(names[0]!, create()).catch(() => null));

    await nodes[2]!.kill();
    const outcomes = await Promise.allSettled(names.map((name) => store.apply(name, create())));
    await nodes[2]!.start();
    const granted = outcomes.filter(({ status }) => status === "fulfilled");

    expect(granted.length).toBeGreaterThan(0);
    expect(granted.length).toBeLessThan(names.length);
    for (const name of names) await until(() => store.apply(name, create({ limit: 9 })).catch(() => null));
    await client.close();
  });
});
