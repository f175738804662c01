import { Cluster, Redis } from "ioredis";
import type { RedisPlace } from "../config/redis-url.ts";
import type { Secret } from "../domain/secret.ts";
import type { Credential } from "../runtime/tls/credential.ts";
import { renewPassword } from "./renew-password.ts";

/** How to reach Redis. */
export interface RedisAddress extends RedisPlace {
  /** PEM of the CA of its certificate; null: the CAs that Node trusts. */
  readonly ca: string | null;
  /** rig's own, where Redis asks its clients for one. */
  readonly credential?: Credential;
  /** Asked for whenever the connection is lost, since it may have been changed meanwhile. Never rejects. */
  readonly currentPassword?: () => Promise<Secret>;
}

/** ioredis's own client, of one server or of a cluster. Errors of its calls leave this room only as `failureOf` has them. */
export type Connection = Redis | Cluster;

const SILENCE_MS = 1_500; // so long without a byte while an answer is due, and the connection is given up
const MOST_REDIRECTIONS = 8;
const IS_REPLICA = /^READONLY |: -READONLY /; // before Redis 7 a script's own error stands around it

/** Connects at once, and again whenever the connection is lost, until it is disconnected. */
export function connect(address: RedisAddress): Connection {
  const connection = open(address);
  const { password, currentPassword } = address;
  if (password !== null && currentPassword) renewPassword(connection, password, currentPassword);
  return connection;
}

function open({ nodes, isCluster, user, password, database, ...access }: RedisAddress): Connection {
  const options = {
    ...{ protocol: 2 as const, connectTimeout: SILENCE_MS, socketTimeout: SILENCE_MS, disconnectTimeout: 200 },
    // Nothing waits or is sent again in there: the caller's own deadline counts, and what is sent again is decided here.
    ...{ maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
    ...{ maxLoadingRetryTime: 200, keepAlive: 10_000, connectionName: "rig" },
    reconnectOnError: ({ message }: Error) => IS_REPLICA.test(message), // behind the same name there may be a new master
    ...(user !== null && { username: user }),
    ...(password !== null && { password: password.open() }),
    ...(access.isTls && { tls: tlsOptions(access) }),
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

const tlsOptions = ({ ca, credential }: Pick<RedisAddress, "ca" | "credential">) => ({
  ...(ca !== null && { ca }),
  ...(credential && { cert: credential.certificate, key: credential.privateKey.open() }),
});

/** Those that hold the data. */
export const mastersOf = (connection: Connection): readonly Redis[] =>
  connection instanceof Cluster ? connection.nodes("master") : [connection];

const pauseMs = (tried: number): number => Math.min(50 * tried, 500);
