import { redisAddresses } from "../config/redis-addresses.ts";
import type { Settings } from "../config/settings.ts";
import { isOff } from "../domain/clock-difference.ts";
import { RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { Etcd } from "../etcd/client.ts";
import { etcdClockBoard } from "../etcd/clock-board.ts";
import type { ProcessLease } from "../etcd/process-lease.ts";
import { etcdViewerSessions } from "../etcd/viewer-sessions.ts";
import { sweepViewers } from "../etcd/viewer-sweeper.ts";
import type { RedisAddress } from "../redis/connection.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Probe } from "../runtime/http/health.ts";
import { type ClockComparison, compareClocks } from "../services/compare-clocks.ts";
import type { ViewerCounters } from "../services/viewer-counters.ts";
import type { ViewerSessionStore } from "../services/viewer-session-store.ts";
import { announceViewers } from "./announce-viewers.ts";
import { redisPlace } from "./redis-place.ts";
import { redisViewers } from "./redis-viewers.ts";

/** Where viewer sessions live, and what has to be done there meanwhile. */
export interface ViewerPlace {
  readonly store: ViewerSessionStore;
  /** Which store that is, for the log: `redis at 10.0.0.5:6379`. */
  readonly where: string;
  readonly probes: readonly Probe[];
  /** Null where the store's own clock decides. */
  readonly clocks: ClockComparison | null;
  /** Runs what keeps it in order. Never rejects; resolves once `signal` has aborted and nothing runs any more. */
  keep(counters: ViewerCounters, signal: AbortSignal): Promise<void>;
}

interface ViewerPlaces {
  /** Null where tokens are served alone, out of Redis. */
  readonly coordination: ViewerEtcd | null;
  /** Unique to this process's life. */
  readonly serverId: string;
  readonly settings: Settings;
  readonly log: Log;
}

interface ViewerEtcd {
  readonly etcd: Etcd;
  readonly lease: ProcessLease;
}

/** Where the settings say, else where the platform that runs here has them: Redis, else etcd. @throws RigError INVALID_SETTING */
export async function viewerPlace({ coordination, ...places }: ViewerPlaces): Promise<ViewerPlace> {
  const redis = await redisPlace(places.settings);
  if (redis !== null) return placeInRedis(redis, places);
  if (coordination === null) throw new Error("neither Redis nor etcd for viewer tokens");
  return placeInEtcd(coordination, places);
}

type Place = Omit<ViewerPlaces, "coordination">;

async function placeInRedis(address: RedisAddress, { serverId, log }: Place): Promise<ViewerPlace> {
  const { store, probe, announce, close } = await redisViewers(address, log);
  return {
    store,
    where: `redis at ${redisAddresses(address)}`,
    probes: [probe],
    clocks: null,
    async keep(counters, signal) {
      await announce(serverId, counters, signal);
      await close();
    },
  };
}

function placeInEtcd({ etcd, lease }: ViewerEtcd, { serverId, settings, log }: Place): ViewerPlace {
  const clocks = compareClocks({ serverId, board: etcdClockBoard(etcd), clock: systemClock, log });
  const longestExpiryMs = longestSeconds(settings) * 1_000;
  return {
    store: etcdViewerSessions(etcd),
    where: etcd.endpoints.length > 0 ? `etcd at ${etcd.endpoints.join(", ")}` : "rig's own store",
    probes: [etcdProbe(etcd), clockProbe(clocks)],
    clocks,
    async keep(counters, signal) {
      await Promise.all([
        clocks.run(signal),
        sweepViewers(etcd, { longestExpiryMs, random: Math.random, log }, signal),
        announceViewers({ etcd, lease, serverId, counters, log }, signal),
      ]);
    },
  };
}

/** The longest life that any plan gives a token. */
export const longestSeconds = ({ streamExpirySeconds, tokenPlans }: Settings): number =>
  Math.max(streamExpirySeconds, ...Object.values(tokenPlans).map(({ expirySeconds = 0 }) => expirySeconds));

/** Asks etcd for one key, as `/readyz` does. */
export const etcdProbe = (etcd: Etcd): Probe => ({
  name: "etcd",
  check: async () => void (await etcd.get(etcd.keys.leader("platform"))),
});

/** Not ready while this server's clock is too far from the others'. */
const clockProbe = (clocks: ClockComparison): Probe => ({
  name: "clock",
  async check() {
    if (isOff(clocks.standing())) throw new RigError("CLOCK_OFF", "this server's clock is off");
  },
});
