import type { KeyValue } from "./operation.ts";

/** What to watch, in bytes, from a revision on. */
export interface WatchRange {
  readonly key: Buffer;
  readonly rangeEnd: Buffer;
  readonly fromRevision: number;
}

/** One change of one key; `entry` of a deletion has an empty value. */
export interface WatchEvent {
  readonly type: "put" | "delete";
  readonly entry: KeyValue;
}

/** What etcd tells of a watch. */
export interface WatchMessage {
  readonly created: boolean;
  readonly canceled: boolean;
  /** More of the same revision follows. */
  readonly fragment: boolean;
  /** Of a canceled one whose start is compacted away; else 0. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly events: readonly WatchEvent[];
}
