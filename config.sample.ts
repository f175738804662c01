/**
 * Every setting with its default, as rig has it without a configuration file. Copy what you change to config.ts, or name
 * another file with --config or RIG_CONFIG. Flags (--set NAME=VALUE) and environment variables go before this file.
 * A secret belongs into a file that its environment variable with _FILE names (SEAL_KEYS_FILE=/run/secrets/seal-keys).
 */
export default {
  // Everywhere
  /** Where rig up keeps its data; by default the nearest .rig upward, else ./.rig. [RIG_DATA] */
  dataFolder: ".rig",
  /** What is logged. [LOG_LEVEL] */
  logLevel: "info",

  // Server
  /** Address that the server's HTTPS API listens on. [SERVER_HOST] */
  serverHost: "127.0.0.1",
  /** Port of the server's HTTPS API. [SERVER_PORT] */
  serverPort: 8443,
  /** The server that a lone agent asks. [SERVER_URL] */
  serverUrl: null,
  /** The operator's bearer token for the server's HTTP API. [RIG_TOKEN, or RIG_TOKEN_FILE] */
  apiToken: null,
  /** Keys that seal destination keys; the first seals, all open. [SEAL_KEYS, or SEAL_KEYS_FILE] */
  sealKeys: null,

  // Certificates of a role that runs alone (rig certs issue)
  /** PEM file with this role's certificate. [TLS_CERT] */
  tlsCert: null,
  /** PEM file with this role's private key. [TLS_KEY] */
  tlsKey: null,
  /** PEM file with the CA that servers and agents are checked against. [TLS_CA] */
  tlsCa: null,

  // PostgreSQL
  /** The PostgreSQL to use; without it rig up runs its own. [DATABASE_URL, or DATABASE_URL_FILE] */
  databaseUrl: null,
  /** Password for DATABASE_URL, where the URL has none. [DATABASE_PASSWORD, or DATABASE_PASSWORD_FILE] */
  databasePassword: null,
  /** Port of the PostgreSQL that rig up runs. [DATABASE_PORT] */
  databasePort: 5432,

  // etcd
  /** The etcd to use; without it rig up runs its own store. [ETCD_ENDPOINTS] */
  etcdEndpoints: [],
  /** Port of the store that rig up runs. [ETCD_PORT] */
  etcdPort: 2379,
  /** Its space in MiB; without it half of Node's heap, 1024 at most. [ETCD_QUOTA_MIB] */
  etcdQuotaMib: null,
  /** PEM file with the CA of etcd's certificates. [ETCD_CA] */
  etcdCa: null,
  /** PEM file with the client certificate for etcd. [ETCD_CERT] */
  etcdCert: null,
  /** PEM file with that certificate's private key. [ETCD_KEY] */
  etcdKey: null,
  /** Etcd user. [ETCD_USER] */
  etcdUser: null,
  /** That user's password. [ETCD_PASSWORD, or ETCD_PASSWORD_FILE] */
  etcdPassword: null,

  // Worker
  /** Loopback port of the worker's health pages and metrics. [WORKER_PORT] */
  workerPort: 8446,
  /** Tasks that a worker runs at once, in tasks. [WORKER_CONCURRENCY] */
  workerConcurrency: 16,
  /** Kinds of tasks that a worker takes; without it all. [WORKER_KINDS] */
  workerKinds: [],

  // Agent
  /** This agent's name in its certificate; by default the host's name. [AGENT_ID] */
  agentId: null,
  /** Address that the agent's HTTPS API listens on. [AGENT_HOST] */
  agentHost: "127.0.0.1",
  /** Port of the agent's HTTPS API. [AGENT_PORT] */
  agentPort: 8444,
  /** Where this agent stands. [REGION] */
  region: "default",
  /** Which group of agents it belongs to. [CLUSTER] */
  cluster: "default",
  /** Relays that this agent runs at most, in relays. [SLOTS] */
  slots: 64,

  // Ingest
  /** The media server on this edge. [INGEST_KIND] */
  ingestKind: "embedded",
  /** Address that the embedded ingest listens on. [INGEST_HOST] */
  ingestHost: "127.0.0.1",
  /** RTMP port of the ingest. [INGEST_PORT] */
  ingestPort: 1935,
  /** What publishers are told to push to, where it differs. [PUBLISH_URL] */
  publishUrl: null,
  /** Loopback port on which the agent takes nginx-rtmp's callbacks. [INGEST_HOOK_PORT] */
  hookPort: 8445,
  /** Secret that nginx-rtmp sends with each callback. [INGEST_HOOK_SECRET, or INGEST_HOOK_SECRET_FILE] */
  hookSecret: null,
  /** Folder with the nginx.pid and control.sock of nginx-rtmp. [NGINX_RUN_FOLDER] */
  nginxRunFolder: null,

  // Relays
  /** The ffmpeg that relays run: a path, or a name on PATH. [FFMPEG_PATH] */
  ffmpegPath: "ffmpeg",
  /** Push to loopback and private addresses too. [ALLOW_PRIVATE_DESTINATIONS] */
  allowPrivateDestinations: false,

  // Stream service
  /** Address that the stream service listens on. [STREAM_SERVICE_HOST] */
  streamServiceHost: "127.0.0.1",
  /** Port of the stream service. [STREAM_SERVICE_PORT] */
  streamServicePort: 3000,
  /** Proxies from which it takes plain HTTP off loopback: addresses and networks. [STREAM_SERVICE_PROXIES] */
  streamServiceProxies: [],
  /** Life of a viewer token, in seconds. [STREAM_EXPIRY] */
  streamExpirySeconds: 30,
  /** Live tokens of one viewer session, in tokens. [TOKEN_LIMIT] */
  tokenLimit: 3,
  /**
   * Other classes of viewer sessions, by name; what one leaves out is as in the two settings above. [TOKEN_PLANS, as JSON]
   * { family: { limit: 5, policy: "evict-oldest", perDevice: 1, perContent: 2, expirySeconds: 60 } }
   */
  tokenPlans: {},
  /** Makes session secrets and the tokens of an Idempotency-Key. [TOKEN_SECRET, or TOKEN_SECRET_FILE] */
  tokenSecret: null,
  /** Redis or Valkey for viewer tokens; without it they live in etcd. [REDIS_HOST] */
  redisHost: null,
  /** Its port. [REDIS_PORT] */
  redisPort: 6379,
  /** The same as a URL, for TLS, a password, a cluster. [REDIS_URL, REDIS_URL_FILE] */
  redisUrl: null,
  /** Password for it, where the URL has none. [REDIS_PASSWORD, REDIS_PASSWORD_FILE] */
  redisPassword: null,
  /** PEM file with the CA of its certificate. [REDIS_CA] */
  redisCa: null,
  /** PEM file with the client certificate for it. [REDIS_CERT] */
  redisCert: null,
  /** PEM file with that certificate's private key. [REDIS_KEY] */
  redisKey: null,
};
