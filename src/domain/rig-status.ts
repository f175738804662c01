/** Where everything of a running platform is: what `rig status --json` prints. */
export interface RigStatus {
  /** Each role that runs there (`server`, `agent`, …) with its state. */
  readonly roles: Readonly<Record<string, string>>;
  readonly server: { readonly url: string };
  /** Health pages and metrics, plain HTTP on loopback. */
  readonly worker: { readonly url: string };
  readonly agent: { readonly url: string };
  readonly streamService: { readonly url: string };
  /** What publishers push to: rtmp://host:port/app */
  readonly ingest: { readonly url: string };
  readonly etcd: { readonly endpoints: readonly string[] };
  /** The URL has no password: that is in the file. */
  readonly database: { readonly url: string; readonly passwordFile: string | null };
  /** Where viewer tokens live, without user and password; absent from what an earlier rig wrote. */
  readonly viewerTokens?: { readonly store: "redis" | "etcd"; readonly url: string };
  /** The default ports that were busy, so that others were taken; absent from what an earlier rig wrote. */
  readonly movedPorts?: readonly MovedPort[];
  readonly caFile: string;
}

/** A default port that somebody else held at the start. */
export interface MovedPort {
  /** `streamServicePort`, … */
  readonly setting: string;
  readonly port: number;
  /** `nginx (process 4711)`, or `another process`. */
  readonly takenBy: string;
}

/** What the data folder's state file holds: beside the status what other commands need of the start. It has no secret. */
export interface PlatformState extends RigStatus {
  /** Null where viewer tokens live in etcd. */
  readonly redis?: RedisAccess | null;
  /** The settings of the start that are not at their default; of a secret only that it was set. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** How other commands reach the platform's Redis. */
export interface RedisAccess {
  /** Without user and password. */
  readonly url: string;
  readonly user: string | null;
  readonly hasPassword: boolean;
  /** Where REDIS_URL and REDIS_PASSWORD were read from; null for one that was given otherwise. */
  readonly urlFile: string | null;
  readonly passwordFile: string | null;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}
