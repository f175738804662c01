import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { parseRedisUrl } from "../src/config/redis-url.ts";
import type { ViewerOperation } from "../src/domain/viewer-operation.ts";
import { NO_DETAILS } from "../src/domain/viewer-session.ts";
import { redisClient } from "../src/redis/client.ts";
import type { RedisAddress } from "../src/redis/connection.ts";
import { redisViewerSessions } from "../src/redis/viewer-sessions.ts";
import { commandLog } from "../src/runtime/cli/command-log.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { atLeast, type Benchmark, type BenchRow, median, noted } from "./benchmark.ts";
import { withPrograms } from "./support/program.ts";
import { startRedis } from "./support/servers.ts";

const ROUNDS = 9;
const IN_FLIGHT = 64;
const WARM_UP = 1_000;
const CALLS = 5_000;
const EXPIRY_MS = 30_000;
const RULES = { limit: 3, expiryMs: EXPIRY_MS, perDevice: null, perContent: null, policy: "reject" } as const;

/** The shortest script that keeps the limit: a set of tokens by their end. Answers 1 where the token is in it. */
const BARE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  if ARGV[4] == 'refresh' or redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

/** One token for a session that has none yet. */
interface Viewer {
  readonly key: string;
  readonly tokenHash: string;
}

type Way = (viewer: Viewer, what: "create" | "refresh") => Promise<boolean>;

/** The store of viewer sessions in Redis against a bare script by the same package, turn by turn, on one Redis that syncs each answer. */
export const tokensRedis: Benchmark = async (signal) =>
  withPrograms(async (keep) => {
    const place = parseRedisUrl(keep(await startRedis(signal)).url);
    if (!place) throw new Error("Redis without a URL");
    const address = { ...place, ca: null };
    const [ours, bare] = [await ourWay(address), await bareWay(address)];
    try {
      return await compare(ours.way, bare.way, signal);
    } finally {
      await ours.close();
      bare.close();
    }
  });

async function compare(ours: Way, bare: Way, signal: AbortSignal): Promise<BenchRow[]> {
  const rates = {
    create: { ours: [] as number[], bare: [] as number[] },
    refresh: { ours: [] as number[], bare: [] as number[] },
  };
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, way] of [
      ["ours", ours],
      ["bare", bare],
    ] as const) {
      signal.throwIfAborted();
      const viewers = Array.from({ length: round === 0 ? WARM_UP : CALLS }, newViewer);
      for (const what of ["create", "refresh"] as const) {
        const perSecond = await rate(viewers, (viewer) => way(viewer, what));
        if (round > 0) rates[what][name].push(perSecond);
      }
    }
  return (["create", "refresh"] as const).flatMap((what) => {
    const { ours: mine, bare: plain } = rates[what];
    const ratio = median(mine.map((rate, round) => rate / (plain[round] as number))); // what disturbs one turn often disturbs the next
    return [
      atLeast(`viewer tokens in Redis, ${what}, ${IN_FLIGHT} in flight`, median(mine), "operations/s", ratio, 0.8),
      noted(`a bare script, ${what}`, median(plain), "operations/s"),
    ];
  });
}

const newViewer = (): Viewer => ({ key: randomBytes(32).toString("hex"), tokenHash: randomBytes(16).toString("hex") });

async function ourWay(address: RedisAddress): Promise<{ way: Way; close(): Promise<void> }> {
  const client = redisClient({ ...address, log: commandLog });
  await client.read("ping", (connection) => connection.ping());
  const store = redisViewerSessions(client);
  const way: Way = async ({ key, tokenHash }, what) => {
    const operation: ViewerOperation =
      what === "create"
        ? { do: "create", rules: RULES, tokenHash, details: NO_DETAILS, evict: null }
        : { do: "refresh", rules: RULES, tokenHash };
    const { answer } = await store.apply({ key, name: null }, operation);
    return answer === "issued" || answer === "renewed";
  };
  return { way, close: () => client.close() };
}

async function bareWay(address: RedisAddress): Promise<{ way: Way; close(): void }> {
  const connection = new Redis({ ...address.nodes[0], protocol: 2 });
  await new Promise<void>((ready) => connection.once("ready", () => ready()));
  const sha1 = (await connection.script("LOAD", BARE)) as string;
  const way: Way = async ({ key, tokenHash }, what) =>
    (await connection.evalsha(sha1, 1, `bare:${key}`, tokenHash, RULES.limit, EXPIRY_MS, what)) === 1;
  return { way, close: () => connection.disconnect() };
}

/** All of them, so many at a time. @returns how many a second @throws Error where one is refused */
async function rate(viewers: readonly Viewer[], once: (viewer: Viewer) => Promise<boolean>): Promise<number> {
  let next = 0;
  const caller = async () => {
    for (let viewer = viewers[next++]; viewer; viewer = viewers[next++])
      if (!(await once(viewer))) throw new Error("a viewer was refused");
  };
  const startedAt = systemClock.monotonic();
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return (viewers.length * 1_000) / (systemClock.monotonic() - startedAt);
}
