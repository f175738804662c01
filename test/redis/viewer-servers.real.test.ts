import { describe, expect, it } from "vitest";
import { announceInRedis, redisViewerServers } from "../../src/redis/viewer-servers.ts";
import { ViewerCounters } from "../../src/services/viewer-counters.ts";
import { viewerSummary } from "../../src/services/viewer-servers.ts";
import { sessionNamed } from "../services/viewer-store-contract.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { startRedis } from "../support/redis.ts";
import { redisWorld } from "../support/redis-world.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";

const renewed = { answer: "renewed", at: 0, limit: 3, active: [], token: {} } as never;

describe("the servers of viewer tokens in Redis", () => {
  const world = redisWorld(startRedis);

  /** A server that says at each beat what it was asked for. */
  function start() {
    const clock = fakeClock();
    const counters = new ViewerCounters();
    const stop = new AbortController();
    const summary = viewerSummary(counters, clock);
    const said = { serverId: "one", summary, clock, log: silentLog };
    const ended = announceInRedis(world.client(), said, stop.signal);
    return {
      ask: () => counters.count(sessionNamed("ada"), "refresh", renewed),
      beat: () => clock.advance(2_500),
      stop() {
        stop.abort();
        return ended;
      },
    };
  }

  it("are seen with what they are asked for, and no more once they have stopped", async () => {
    const servers = redisViewerServers(world.client());
    const one = start();
    await until(async () => (await servers.list())[0]?.serverId === "one");

    one.ask();
    await until(async () => {
      await one.beat();
      return (await servers.list())[0]?.counts.renewed === 1;
    });
    await one.stop();

    expect(await servers.list()).toEqual([]);
  });

  it("are not seen when they said nothing for long, and are forgotten when another speaks", async () => {
    const { viewerServers } = world.client().keys;
    const { admin } = world.redis;
    await admin.hset(viewerServers, { dead: "1 {}", foreign: "x" });
    expect(await redisViewerServers(world.client()).list()).toEqual([]);

    const one = start();
    await until(async () => (await admin.hkeys(viewerServers)).join() === "one");

    expect(await admin.pttl(viewerServers)).toBeGreaterThan(0);
    await one.stop();
  });
});
