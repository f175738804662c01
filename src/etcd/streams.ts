import type { IEvent, LeaseClient, WatchClient } from "etcd3";
import type { KeyValue } from "./operation.ts";
import { rangeEnd, toKeyValue } from "./wire.ts";

/** What to watch: a prefix that ends in a slash, from a revision on. */
export interface WatchOrder {
  readonly prefix: string;
  readonly fromRevision: number;
  readonly onEvents: (events: readonly WatchEvent[]) => void;
  /** The last call: the stream is over. */
  readonly onEnd: (why: WatchEnd) => void;
}

/** Why a watch ended. `mustList`: events from `fromRevision` on are not to be had here, so only a list tells what is. */
export interface WatchEnd {
  readonly mustList: boolean;
  readonly error: unknown;
}

/** One change of one key; `entry` of a deletion has an empty value. */
export interface WatchEvent {
  readonly type: "put" | "delete";
  readonly entry: KeyValue;
}

/** A stream that somebody must end. */
export interface WatchStream {
  /** No more calls after this. Safe to repeat. */
  end(): void;
}

/**
 * Opens a raw watch: etcd3's own watcher resumes at the wrong revision and does not say what was compacted.
 * One stream each, as an informer lives for long and there are few.
 */
export async function openWatch(client: WatchClient, order: WatchOrder): Promise<WatchStream> {
  const stream = await client.watch();
  let over = false;
  const end = (why?: WatchEnd) => {
    if (over) return;
    over = true;
    hangUp(stream);
    if (why) order.onEnd(why);
  };
  stream
    .on("data", (message) => {
      if (over) return;
      if (message.events.length > 0) order.onEvents(message.events.map(toWatchEvent));
      // A store that is behind us has lost data (or is a member that lags): it would be silent until it caught up.
      const behind = message.created && Number(message.header.revision) + 1 < order.fromRevision;
      const compacted = message.canceled && Number(message.compact_revision) > 0;
      if (behind || message.canceled)
        end({
          mustList: behind || compacted,
          error: new Error(`watch canceled: ${message.cancel_reason || "behind"}`),
        });
    })
    .on("error", (error) => end({ mustList: false, error }))
    .on("end", () => end({ mustList: false, error: new Error("watch stream ended") }));
  stream.write({
    create_request: {
      key: Buffer.from(order.prefix),
      range_end: rangeEnd(order.prefix),
      start_revision: order.fromRevision,
    },
  });
  return { end: () => end() };
}

/** Keeps leases alive over one stream. */
export interface KeepAliveStream {
  /** Asks once; each answer comes by `onAnswer`. */
  ask(leaseId: string): void;
  /** TTL in seconds; 0 for a lease that is gone. */
  onAnswer: ((leaseId: string, ttlSeconds: number) => void) | null;
  onEnd: ((error: unknown) => void) | null;
  /** No more calls after this. Safe to repeat. */
  end(): void;
}

/** Opens a keep-alive stream; it tells nothing by itself. */
export async function openKeepAlive(client: LeaseClient): Promise<KeepAliveStream> {
  const stream = await client.leaseKeepAlive();
  let over = false;
  const end = (error?: unknown) => {
    if (over) return;
    over = true;
    hangUp(stream);
    if (error) opened.onEnd?.(error);
  };
  const opened: KeepAliveStream = {
    ask: (leaseId) => stream.write({ ID: leaseId }),
    onAnswer: null,
    onEnd: null,
    end: () => end(),
  };
  stream
    .on("data", (answer) => !over && opened.onAnswer?.(String(answer.ID), Number(answer.TTL)))
    .on("error", (error) => end(error))
    .on("end", () => end(new Error("keep-alive stream ended")));
  return opened;
}

/** Ended before it is cancelled: of a stream that is still writable etcd3 takes a cancel for a failed host. */
function hangUp(stream: { end(): void; cancel(): void }): void {
  stream.end();
  stream.cancel();
}

const toWatchEvent = ({ type, kv }: IEvent): WatchEvent => ({
  type: type === "Delete" ? "delete" : "put",
  entry: toKeyValue(kv),
});
