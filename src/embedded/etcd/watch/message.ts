import type { Span } from "../state/bytes.ts";
import type { KeyRecord } from "../state/record.ts";

/** A client's wish to watch. */
export interface WatchCreate {
  readonly span: Span;
  /** 0: from now on. */
  readonly startRevision: number;
  readonly progressNotify: boolean;
  readonly noPut: boolean;
  readonly noDelete: boolean;
  readonly prevKv: boolean;
  /** 0: the store chooses. */
  readonly watchId: number;
  /** Messages past the size limit may come in parts. */
  readonly fragment: boolean;
}

/** What a client asks of its stream of watches. */
export type WatchRequest =
  | { readonly ask: "create"; readonly wish: WatchCreate }
  | { readonly ask: "cancel"; readonly watchId: number }
  | { readonly ask: "progress" }
  /** A request without a kind is passed over, as etcd does. */
  | { readonly ask: "nothing" };

/** One message on a watch stream. What is left out is false, zero or empty. */
export interface WatchMessage {
  readonly watchId: number;
  readonly revision: number;
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly compactRevision?: number;
  readonly cancelReason?: string;
  readonly fragment?: boolean;
  /** Puts, and tombstones for deletes; what each replaced hangs on its `older`. */
  readonly events?: readonly KeyRecord[];
  /** True: the receiver wants what each event replaced. */
  readonly prevKv?: boolean;
}

/** Where a watch stream's messages go. */
export interface WatchSink {
  /** @returns false to hold events back until the stream's `drained` is called */
  send(message: WatchMessage): boolean;
}
