/** Where a user wants a stream pushed, as it may be shown: the destination key is never part of it. */
export interface Destination {
  readonly id: string;
  readonly streamId: string;
  /** Name of a service preset, or null for a plain URL. */
  readonly service: string | null;
  /** Code of the preset's server (`default`, `backup`, `SIN`, …), or null. */
  readonly server: string | null;
  /** rtmp://host[:port]/app or rtmps://…, without a key, user name or password. */
  readonly url: string;
  readonly enabled: boolean;
  readonly createdAt: number;
  /** Goes up with each edit: a relay of an older one is restarted. */
  readonly revision: number;
  /** Goes up with each "retry now": a waiting relay tries at once. */
  readonly retrySeq: number;
}
