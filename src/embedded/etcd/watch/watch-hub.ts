import type { Keyspace } from "../state/keyspace.ts";
import type { KeyRecord } from "../state/record.ts";
import type { WatchSink } from "./message.ts";
import type { Subscription, WatchSource } from "./subscription.ts";
import { WatchIndex } from "./watch-index.ts";
import { WatchStream } from "./watch-stream.ts";
import { wants } from "./watcher.ts";

/** Hands every durable revision to those who watch. */
export class WatchHub implements WatchSource {
  readonly keyspace: Keyspace;
  readonly #index = new WatchIndex();
  readonly #streams = new Set<WatchStream>();
  #durable: number;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.#durable = keyspace.revision;
  }

  /** The last revision that may be told. */
  get durableRevision(): number {
    return this.#durable;
  }

  /** Starts a stream of watches. */
  open(sink: WatchSink): WatchStream {
    const stream = new WatchStream(this, sink, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  subscribe(subscription: Subscription): void {
    this.#index.add(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    this.#index.delete(subscription);
  }

  /** Tells everything up to this revision, which is on disk by now; a revision is one message a watch. */
  publish(durableRevision: number): void {
    while (this.#durable < durableRevision) {
      this.#durable += 1;
      this.#tell(this.#durable, this.keyspace.history.at(this.#durable));
    }
  }

  /** Sends each watch that asked for it and was sent nothing since the last call a word on how far it has come. */
  notifyProgress(): void {
    for (const stream of this.#streams) stream.notifyProgress();
  }

  #tell(revision: number, changes: readonly KeyRecord[]): void {
    const told = new Map<Subscription, KeyRecord[]>();
    for (const change of changes)
      this.#index.visit(change.key, (subscription) => {
        if (subscription.watcher.lagsFrom !== null || !wants(subscription.watcher, change)) return;
        const events = told.get(subscription);
        if (events) events.push(change);
        else told.set(subscription, [change]);
      });
    for (const [{ stream, watcher }, events] of told) stream.tell(watcher, revision, events);
  }
}
