import type { Secret } from "../domain/secret.ts";
import type { ViewerPlans } from "../domain/viewer-plan.ts";
import { parseRedisUrl, REDIS_URL_FORM } from "./redis-url.ts";
import { parseSealKeys, SEAL_KEYS_FORM } from "./seal-keys.ts";
import { choice, flag, integer, json, list, path, port, type Setting, secret, text, url } from "./setting.ts";
import { isNetwork, NETWORKS_FORM } from "./trusted-networks.ts";
import { VIEWER_PLANS_FORM, viewerPlansFault } from "./viewer-plans.ts";

const HOST = { pattern: /^[A-Za-z0-9.:[\]_-]{1,255}$/, allowed: "a host name or an IP address" };
const NAME = { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, allowed: "1-64 of letters, digits, . _ -" };
const ENDPOINT = {
  pattern: /^(https?:\/\/)?[A-Za-z0-9.:[\]_-]+:\d{1,5}\/?$/,
  allowed: "host:port or http(s)://host:port, several separated by commas",
};
const KIND = { pattern: /^[a-z][a-z0-9-]{0,39}$/, allowed: "kinds of tasks, separated by commas" };
const POSTGRES_URL = {
  isAllowed: (value: string) => /^postgres(ql)?:\/\/\S+$/.test(value) && URL.canParse(value),
  allowed: "a URL that begins with postgres:// or postgresql://",
};
const NETWORK = { pattern: { test: isNetwork }, allowed: NETWORKS_FORM };
const TOKEN_SECRET = { isAllowed: (value: string) => /^[^\n]{32,512}$/.test(value), allowed: "32 to 512 characters" };
const REDIS_URL = { isAllowed: (value: string) => parseRedisUrl(value) !== null, allowed: REDIS_URL_FORM };
const SEAL_KEYS = { isAllowed: (value: string) => parseSealKeys(value) !== null, allowed: SEAL_KEYS_FORM };

/** Every setting of rig, in the order in which `rig config show` lists them. The names are those of config.ts. */
export const SETTINGS = {
  dataFolder: path("RIG_DATA", ".rig", "where rig up keeps its data; by default the nearest .rig upward, else ./.rig"),
  logLevel: choice("LOG_LEVEL", "info", "what is logged", ["debug", "info", "warn", "error"]),

  serverHost: text("SERVER_HOST", "127.0.0.1", "address that the server's HTTPS API listens on", HOST),
  serverPort: port("SERVER_PORT", 8443, "port of the server's HTTPS API"),
  serverUrl: url("SERVER_URL", "the server that a lone agent asks", ["https:"]),
  apiToken: secret("RIG_TOKEN", "the operator's bearer token for the server's HTTP API"),
  sealKeys: secret("SEAL_KEYS", "keys that seal destination keys; the first seals, all open", SEAL_KEYS),

  tlsCert: path("TLS_CERT", null, "PEM file with this role's certificate"),
  tlsKey: path("TLS_KEY", null, "PEM file with this role's private key"),
  tlsCa: path("TLS_CA", null, "PEM file with the CA that servers and agents are checked against"),

  databaseUrl: secret("DATABASE_URL", "the PostgreSQL to use; without it rig up runs its own", POSTGRES_URL),
  databasePassword: secret("DATABASE_PASSWORD", "password for DATABASE_URL, where the URL has none"),
  databasePort: port("DATABASE_PORT", 5432, "port of the PostgreSQL that rig up runs"),

  etcdEndpoints: list("ETCD_ENDPOINTS", "the etcd to use; without it rig up runs its own store", ENDPOINT),
  etcdPort: port("ETCD_PORT", 2379, "port of the store that rig up runs"),
  etcdQuotaMib: integer("ETCD_QUOTA_MIB", null, "its space; without it half of Node's heap, 1024 at most", {
    ...{ min: 1, max: 1_048_576, unit: "MiB" },
  }),
  etcdCa: path("ETCD_CA", null, "PEM file with the CA of etcd's certificates"),
  etcdCert: path("ETCD_CERT", null, "PEM file with the client certificate for etcd"),
  etcdKey: path("ETCD_KEY", null, "PEM file with that certificate's private key"),
  etcdUser: text("ETCD_USER", null, "etcd user"),
  etcdPassword: secret("ETCD_PASSWORD", "that user's password"),

  workerPort: port("WORKER_PORT", 8446, "loopback port of the worker's health pages and metrics"),
  workerConcurrency: integer("WORKER_CONCURRENCY", 16, "tasks that a worker runs at once", {
    ...{ min: 1, max: 1_000, unit: "tasks" },
  }),
  workerKinds: list("WORKER_KINDS", "kinds of tasks that a worker takes; without it all", KIND),

  agentId: text("AGENT_ID", null, "this agent's name in its certificate; by default the host's name", NAME),
  agentHost: text("AGENT_HOST", "127.0.0.1", "address that the agent's HTTPS API listens on", HOST),
  agentPort: port("AGENT_PORT", 8444, "port of the agent's HTTPS API"),
  region: text("REGION", "default", "where this agent stands", NAME),
  cluster: text("CLUSTER", "default", "which group of agents it belongs to", NAME),
  slots: integer("SLOTS", 64, "relays that this agent runs at most", { min: 1, max: 4096, unit: "relays" }),

  ingestKind: choice("INGEST_KIND", "embedded", "the media server on this edge", ["embedded", "nginx"]),
  ingestHost: text("INGEST_HOST", "127.0.0.1", "address that the embedded ingest listens on", HOST),
  ingestPort: port("INGEST_PORT", 1935, "RTMP port of the ingest"),
  publishUrl: url("PUBLISH_URL", "what publishers are told to push to, where it differs", ["rtmp:", "rtmps:"]),
  hookPort: port("INGEST_HOOK_PORT", 8445, "loopback port on which the agent takes nginx-rtmp's callbacks"),
  hookSecret: secret("INGEST_HOOK_SECRET", "secret that nginx-rtmp sends with each callback"),
  nginxRunFolder: path("NGINX_RUN_FOLDER", null, "folder with the nginx.pid and control.sock of nginx-rtmp"),

  ffmpegPath: text("FFMPEG_PATH", "ffmpeg", "the ffmpeg that relays run: a path, or a name on PATH"),
  allowPrivateDestinations: flag("ALLOW_PRIVATE_DESTINATIONS", false, "push to loopback and private addresses too"),

  streamServiceHost: text("STREAM_SERVICE_HOST", "127.0.0.1", "address that the stream service listens on", HOST),
  streamServicePort: port("STREAM_SERVICE_PORT", 3000, "port of the stream service"),
  streamServiceProxies: list("STREAM_SERVICE_PROXIES", "proxies from which it takes plain HTTP off loopback", NETWORK),
  streamExpirySeconds: integer("STREAM_EXPIRY", 30, "life of a viewer token", { min: 1, max: 86_400, unit: "seconds" }),
  tokenLimit: integer("TOKEN_LIMIT", 3, "live tokens of one viewer session", { min: 1, max: 1000, unit: "tokens" }),
  tokenPlans: json<ViewerPlans>("TOKEN_PLANS", {}, "other classes of viewer sessions, by name", {
    ...{ faultOf: viewerPlansFault, allowed: VIEWER_PLANS_FORM },
  }),
  tokenSecret: secret("TOKEN_SECRET", "makes session secrets and the tokens of an Idempotency-Key", TOKEN_SECRET),
  redisHost: text("REDIS_HOST", null, "Redis or Valkey for viewer tokens; without it they live in etcd", HOST),
  redisPort: port("REDIS_PORT", 6379, "its port"),
  redisUrl: secret("REDIS_URL", "the same as a URL, for TLS, a password, a cluster", REDIS_URL),
  redisPassword: secret("REDIS_PASSWORD", "password for it, where the URL has none"),
  redisCa: path("REDIS_CA", null, "PEM file with the CA of its certificate"),
  redisCert: path("REDIS_CERT", null, "PEM file with the client certificate for it"),
  redisKey: path("REDIS_KEY", null, "PEM file with that certificate's private key"),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;

/** All settings, checked. */
export type Settings = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer Value> ? Value : never;
};

/** What config.ts exports: any of the settings, secrets as plain texts. */
export type Config = {
  readonly [Name in SettingName]?: Settings[Name] extends Secret | null ? string | null : Settings[Name];
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** True for the name of a setting. */
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name);
