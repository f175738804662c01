import { Cluster, Redis } from "ioredis";
import type { RedisPlace } from "../config/redis-url.ts";

/** How to reach Redis. */
export interface RedisAddress extends RedisPlace {
  /** PEM of the CA of its certificate; null: the CAs that Node trusts. */
  readonly ca: string | null;
}

/** ioredis's own client, of one server or of a cluster. Errors of its calls leave this room only as `failureOf` has them. */
export type Connection = Redis | Cluster;

const SILENCE_MS = 1_500; // so long without a byte while an answer is due, and the connection is given up
const MOST_REDIRECTIONS = 8;

/** Connects at once, and again whenever the connection is lost, until it is disconnected. */
export function connect(place: RedisAddress): Connection {
  const { nodes, isCluster, isTls, user, password, database, ca } = place;
  const options = {
    ...{ protocol: 2 as const, connectTimeout: SILENCE_MS, socketTimeout: SILENCE_MS, disconnectTimeout: 200 },
    // Nothing waits or is sent again in there: the caller's own deadline counts, and what is sent again is decided here.
    ...{ maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
    ...{ maxLoadingRetryTime: 200, keepAlive: 10_000, connectionName: "rig" },
    reconnectOnError: (error: Error) => error.message.startsWith("READONLY"), // behind the same name there may be a new master
    ...(user !== null && { username: user }),
    ...(password !== null && { password: password.open() }),
    ...(isTls && { tls: ca === null ? {} : { ca } }),
  };
  if (!isCluster)
    return new Redis({
      ...options,
      ...(nodes[0] ?? {}),
      db: database,
      enableOfflineQueue: false,
      retryStrategy: pauseMs,
    });
  return new Cluster([...nodes], {
    redisOptions: options,
    ...{ enableOfflineQueue: false, clusterRetryStrategy: pauseMs, maxRedirections: MOST_REDIRECTIONS },
    ...{ slotsRefreshTimeout: SILENCE_MS, slotsRefreshInterval: 5_000 },
  });
}

/** Those that hold the data. */
export const mastersOf = (connection: Connection): readonly Redis[] =>
  connection instanceof Cluster ? connection.nodes("master") : [connection];

const pauseMs = (tried: number): number => Math.min(50 * tried, 500);
