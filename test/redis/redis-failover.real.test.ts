import { describe, expect, it } from "vitest";
import { redisKeys } from "../../src/redis/keys.ts";
import { readViewers } from "../../src/services/stored-viewers.ts";
import { fullCount } from "../support/full-count.ts";
import { HAMMERED, HAMMERED_SESSIONS, hammerViewers, randomOf } from "../support/hammer-viewers.ts";
import { type RealRedis, redisBinary } from "../support/redis.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { until } from "../support/until.ts";
import type { ViewerEvent } from "../support/viewer-history.ts";

const RUN_MS = fullCount(3_000, 120_000, "RIG_FAILOVER_MS");
const NODE_TIMEOUT_MS = fullCount(1_000, 15_000); // Redis's own is 15 s
const SEED = fullCount(Date.now() % 1_000_000, Date.now() % 1_000_000, "RIG_HAMMER_SEED");
const BACK_MS = 30_000; // after a node died, every session is answered again
const keys = redisKeys();

/** What a node writes, whether a client or its master told it to: the tokens of each session as they are then. */
async function watchWrites({ admin }: RealRedis, see: (tokens: number) => void) {
  const monitor = await admin.monitor(); // comes back with its node
  monitor.on("error", () => {});
  monitor.on("monitor", (_time: string, [command, key = "", value = ""]: string[]) => {
    if (command?.toUpperCase() === "SET" && keys.sessionHashOf(key) !== null)
      see(readViewers(key, value).tokens.length);
  });
  return monitor;
}

/** Kills one master, and once its replica serves in its place starts it again behind that. */
async function failOver(cluster: RedisCluster, random: () => number): Promise<{ killedAt: number; tookMs: number }> {
  await cluster.whole();
  const masters = await cluster.mastersAmong(cluster.nodes);
  const victim = masters[Math.floor(random() * masters.length)]!;
  const left = cluster.nodes.filter((node) => node !== victim);
  const killedAt = performance.now();
  await victim.kill();
  const isTaken = async () => (await cluster.mastersAmong(left)).length === masters.length;
  await until(isTaken, { what: "a replica takes over", limitMs: 60_000 });
  const tookMs = Math.round(performance.now() - killedAt);
  await victim.start();
  return { killedAt, tookMs };
}

/** How long after it the last of the sessions was answered again, by a token or a refusal. */
function backAfterMs(events: readonly ViewerEvent[], killedAt: number): number {
  const known = events.filter(({ got, invokedAt }) => got !== "unknown" && invokedAt > killedAt);
  const firstOf = (session: string) =>
    known.reduce((first, each) => (each.session === session ? Math.min(first, each.answeredAt) : first), Infinity);
  return Math.round(Math.max(...HAMMERED_SESSIONS.map(firstOf)) - killedAt);
}

/** Refused though it was granted or renewed so shortly before that no clock explains it: what replication lost. */
function lost(events: readonly ViewerEvent[]): number {
  const sure = HAMMERED.expirySeconds * 1_000 - 100;
  const lastYes = new Map<string, number>();
  let count = 0;
  for (const { shown, got, invokedAt, answeredAt } of [...events].sort((a, b) => a.answeredAt - b.answeredAt)) {
    if (got !== null && got !== "unknown") lastYes.set(got, invokedAt);
    if (got === null && shown !== null && answeredAt - (lastYes.get(shown) ?? -Infinity) < sure) count += 1;
  }
  return count;
}

describe.skipIf(redisBinary() === null)("servers of viewer tokens over a Redis cluster with replicas", () => {
  it(
    "are back by themselves after a master died, and no node ever has more tokens than the limit",
    async () => {
      const cluster = await startRedisCluster({ masters: 3, replicas: 1, nodeTimeoutMs: NODE_TIMEOUT_MS });
      process.stderr.write(`failing over for ${RUN_MS} ms, RIG_HAMMER_SEED=${SEED}\n`);
      const writes: number[] = [];
      const failovers: { killedAt: number; tookMs: number }[] = [];
      const monitors = await Promise.all(
        cluster.nodes.map((node) => watchWrites(node, (tokens) => writes.push(tokens))),
      );
      const random = randomOf(SEED);
      const store = {
        env: {
          REDIS_URL: cluster.nodes
            .slice(0, 3)
            .map(({ url }) => url)
            .join(),
        },
        restart: async () => void failovers.push(await failOver(cluster, random)),
      };
      const isOver = (events: readonly ViewerEvent[]) =>
        failovers.every(({ killedAt }) => backAfterMs(events, killedAt) < Infinity);
      const events = await hammerViewers(store, { runMs: RUN_MS, faultsMs: 500, random, isOver }).finally(async () => {
        for (const monitor of monitors) monitor.disconnect();
        await cluster.stop();
      });

      const backMs = failovers.map(({ killedAt }) => backAfterMs(events, killedAt));
      const tookMs = failovers.map((each) => each.tookMs);
      const unknown = events.filter(({ got }) => got === "unknown").length;
      const seen = { asked: events.length, unknown, writes: writes.length, tookMs, backMs, lost: lost(events) };
      process.stderr.write(`${JSON.stringify(seen)}\n`);
      expect(writes.reduce((most, tokens) => Math.max(most, tokens), 0)).toBe(HAMMERED.limit);
      expect(failovers.length).toBeGreaterThan(0);
      expect(Math.max(...backMs)).toBeLessThan(BACK_MS);
    },
    2 * RUN_MS + 120_000,
  );
});
