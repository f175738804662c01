import { createHash } from "node:crypto";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { repeat } from "../runtime/repeat.ts";
import { readViewerServer, viewerServerText } from "../services/stored-viewer-servers.ts";
import type { ViewerServers, ViewerSummary } from "../services/viewer-servers.ts";
import type { RedisClient } from "./client.ts";
import { timeOf } from "./time.ts";
import type { Script } from "./viewer-script.ts";

const EVERY_MS = 2_500;
const SILENT_MS = 7_500; // an idle server says so no more often
const GONE_MS = 15_000; // one that said nothing for so long is no more
const KEPT_MS = 60_000;

const scriptOf = (lua: string): Script => ({ lua, sha1: createHash("sha1").update(lua).digest("hex") });

// A field a server: the instant by Redis's clock, a space, what it says. Those that are gone go with it.
const SAY = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local said = redis.call('HGETALL', KEYS[1])
for i = 1, #said, 2 do
  local at = tonumber(string.match(said[i + 1], '^(%d+) ')) or 0
  if now - at > tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], said[i]) end
end
return 1
`);
const TAKE_BACK = scriptOf(`return redis.call('HDEL', KEYS[1], ARGV[1])`);

interface Announcement {
  readonly serverId: string;
  readonly summary: () => ViewerSummary;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Says again and again what this server's viewer tokens came to, until aborted; then takes its word back. Never rejects:
 * where Redis is away its word goes by itself.
 */
export async function announceInRedis(redis: RedisClient, said: Announcement, signal: AbortSignal): Promise<void> {
  const { serverId, summary, clock, log } = said;
  const { viewerServers } = redis.keys;
  const last = { text: "", at: Number.NEGATIVE_INFINITY };
  const say = async () => {
    const text = viewerServerText(summary());
    if (text === last.text && clock.monotonic() - last.at < SILENT_MS) return;
    await redis.run("announce a server", SAY, viewerServers, [serverId, text, String(GONE_MS), String(KEPT_MS)]);
    Object.assign(last, { text, at: clock.monotonic() });
  };
  await repeat({ everyMs: EVERY_MS, failure: "viewer server not announced", clock, log }, say, signal);
  await redis.run("take a server's word back", TAKE_BACK, viewerServers, [serverId]).catch(() => {}); // it goes by itself
}

/** The servers that announced themselves in this Redis of late. */
export const redisViewerServers = (redis: RedisClient): ViewerServers => ({
  list: () =>
    redis.read("list servers", async (connection) => {
      const [said, at] = [await connection.hgetall(redis.keys.viewerServers), await timeOf(connection)];
      return Object.entries(said).flatMap(([serverId, text]) => {
        const [, saidAt, value] = /^(\d+) (.*)$/s.exec(text) ?? [];
        return value === undefined || at - Number(saidAt) > GONE_MS ? [] : readViewerServer(serverId, value);
      });
    }),
});
