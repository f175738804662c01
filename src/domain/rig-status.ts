/** Where everything of a running platform is: what `rig status --json` prints and the data folder's state file holds. */
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
  readonly caFile: string;
}
