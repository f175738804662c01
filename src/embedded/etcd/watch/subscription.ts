import type { Keyspace } from "../state/keyspace.ts";
import type { KeyRecord } from "../state/record.ts";
import type { Watcher } from "./watcher.ts";

/** A watch and who sends what it wants. */
export interface Subscription {
  readonly watcher: Watcher;
  readonly stream: {
    /** Events of one revision for a watch that keeps up. */
    tell(watcher: Watcher, revision: number, events: readonly KeyRecord[]): void;
  };
}

/** What a stream of watches hears from and looks up in. */
export interface WatchSource {
  readonly keyspace: Keyspace;
  /** The last revision that may be told. */
  readonly durableRevision: number;
  subscribe(subscription: Subscription): void;
  unsubscribe(subscription: Subscription): void;
}
