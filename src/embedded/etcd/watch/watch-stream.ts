import type { KeyRecord } from "../state/record.ts";
import type { WatchCreate, WatchMessage, WatchRequest, WatchSink } from "./message.ts";
import type { Subscription, WatchSource } from "./subscription.ts";
import { catchUp, messagesFor, type Watcher } from "./watcher.ts";

// etcd names no watch by it: the answer to a creation that failed, and to a request for progress
const NO_WATCH = -1;
const EMPTY_RANGE = "mvcc: watcher range is empty";
const DUPLICATE_ID = "mvcc: duplicate watch ID provided on the WatchStream";

/**
 * The watches of one client connection. A client that reads slowly costs no memory: its watches fall back to the
 * history and catch up from there, or end with `compactRevision` where it no longer reaches.
 */
export class WatchStream {
  readonly #hub: WatchSource;
  readonly #sink: WatchSink;
  readonly #onEnd: () => void;
  readonly #subscriptions = new Map<number, Subscription>();
  #nextId = 0;
  #blocked = false;
  #pumping = false;
  #progressWanted = false;
  #ended = false;

  constructor(hub: WatchSource, sink: WatchSink, onEnd: () => void) {
    this.#hub = hub;
    this.#sink = sink;
    this.#onEnd = onEnd;
  }

  /** Does what a client asks. */
  take(request: WatchRequest): void {
    if (request.ask === "create") this.create(request.wish);
    else if (request.ask === "cancel") this.cancel(request.watchId);
    else if (request.ask === "progress") this.requestProgress();
  }

  /** Begins a watch; its `created` message comes before any event. */
  create(wish: WatchCreate): void {
    if (this.#ended) return;
    const { start, end } = wish.span;
    const now = this.#hub.durableRevision;
    const emptyRange = end !== null && end !== "" && start >= end;
    if (emptyRange || (wish.watchId !== 0 && this.#subscriptions.has(wish.watchId))) {
      this.#refuse(emptyRange ? EMPTY_RANGE : DUPLICATE_ID);
      return;
    }
    const from = wish.startRevision === 0 ? now + 1 : wish.startRevision;
    const watcher: Watcher = {
      id: wish.watchId === 0 ? this.#freeId() : wish.watchId,
      wish,
      minRevision: from,
      lagsFrom: from <= now ? from : null,
      busy: false,
    };
    const subscription = { watcher, stream: this };
    this.#subscriptions.set(watcher.id, subscription);
    this.#hub.subscribe(subscription);
    this.#send({ watchId: watcher.id, revision: now, created: true });
    if (watcher.lagsFrom !== null) this.#pump();
  }

  /** Ends a watch. An id that is not there is passed over in silence, as etcd does. */
  cancel(watchId: number): void {
    if (this.#drop(watchId)) this.#send({ watchId, revision: this.#hub.durableRevision, canceled: true });
  }

  /** Answers how far the stream has come, once none of its watches lags. */
  requestProgress(): void {
    this.#progressWanted = true;
    this.#answerProgress();
  }

  /** To be called when the sink takes messages again. */
  drained(): void {
    this.#blocked = false;
    this.#answerProgress();
    this.#pump();
  }

  /** Ends all its watches without a word. Safe to repeat. */
  end(): void {
    this.#ended = true;
    for (const id of [...this.#subscriptions.keys()]) this.#drop(id);
    this.#onEnd();
  }

  /** Sends the events of one revision to a watch that keeps up; for the hub alone. */
  tell(watcher: Watcher, revision: number, events: readonly KeyRecord[]): void {
    if (this.#blocked) {
      watcher.lagsFrom = revision; // it is caught up when the sink has drained
      return;
    }
    watcher.busy = true;
    for (const message of messagesFor(watcher, revision, events)) this.#send(message);
  }

  /** Tells idle watches how far they have come; for the hub alone. */
  notifyProgress(): void {
    const revision = this.#hub.durableRevision;
    for (const { watcher } of this.#subscriptions.values()) {
      const idle = watcher.wish.progressNotify && watcher.lagsFrom === null && !watcher.busy && !this.#blocked;
      watcher.busy = false;
      if (idle) this.#send({ watchId: watcher.id, revision });
    }
  }

  #refuse(cancelReason: string): void {
    const revision = this.#hub.durableRevision;
    this.#send({ watchId: NO_WATCH, revision, created: true, canceled: true, cancelReason });
  }

  #freeId(): number {
    while (this.#subscriptions.has(this.#nextId)) this.#nextId += 1;
    return this.#nextId++;
  }

  #drop(watchId: number): boolean {
    const subscription = this.#subscriptions.get(watchId);
    if (!subscription) return false;
    this.#subscriptions.delete(watchId);
    this.#hub.unsubscribe(subscription);
    return true;
  }

  #send(message: WatchMessage): void {
    if (!this.#ended && !this.#sink.send(message)) this.#blocked = true;
  }

  #answerProgress(): void {
    if (!this.#progressWanted || this.#blocked || this.#laggard() !== undefined) return;
    this.#progressWanted = false;
    this.#send({ watchId: NO_WATCH, revision: this.#hub.durableRevision });
  }

  #laggard(): Watcher | undefined {
    for (const { watcher } of this.#subscriptions.values()) if (watcher.lagsFrom !== null) return watcher;
    return undefined;
  }

  /** Catches up one stretch at a turn of the event loop, until nobody lags or the sink is full. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      const watcher = this.#ended || this.#blocked ? undefined : this.#laggard();
      if (!watcher) return;
      this.#catchUp(watcher, watcher.lagsFrom as number);
      this.#answerProgress();
      this.#pump();
    });
  }

  #catchUp(watcher: Watcher, from: number): void {
    const { keyspace, durableRevision } = this.#hub;
    const { compactRevision } = keyspace;
    if (from < compactRevision) {
      this.#drop(watcher.id);
      this.#send({ watchId: watcher.id, revision: durableRevision, canceled: true, compactRevision });
      return;
    }
    const { events, through } = catchUp(watcher, from, durableRevision, (revision) => keyspace.history.at(revision));
    watcher.lagsFrom = through >= durableRevision ? null : through + 1;
    if (events.length === 0) return;
    watcher.busy = true;
    for (const message of messagesFor(watcher, through, events)) this.#send(message);
  }
}
