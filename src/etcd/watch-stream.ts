import type { CallOptions, Interceptor } from "@grpc/grpc-js";
import type { Etcd3 } from "etcd3";
import { RigError } from "../domain/errors.ts";
import type { Deadlines } from "../services/deadlines.ts";
import { callWatch } from "./byte-calls.ts";
import { grpc } from "./driver.ts";
import { hangUp } from "./hang-up.ts";
import type { WatchEvent, WatchMessage } from "./watch-message.ts";
import { isText, rangeEnd } from "./wire.ts";

/** What to watch: a prefix that ends in a slash, from a revision on. */
export interface WatchOrder {
  readonly prefix: string;
  readonly fromRevision: number;
  /** The store that counts it; another one was put in its place, and its revisions mean something else. */
  readonly clusterId?: string;
  /** All events of one revision come in one call. */
  readonly onEvents: (events: readonly WatchEvent[]) => void;
  /** The last call: the stream is over. */
  readonly onEnd: (why: WatchEnd) => void;
}

/** Why a watch ended. `mustList`: events from `fromRevision` on are not to be had here, so only a list tells what is. */
export interface WatchEnd {
  readonly mustList: boolean;
  readonly error: unknown;
}

/** A stream that somebody must end. */
export interface WatchStream {
  /** No more calls after this. Safe to repeat. */
  end(): void;
}

const CREATED_MS = 2_000; // a member that takes the connection and says nothing

/**
 * Opens a raw watch: etcd3's own watcher resumes at the wrong revision and does not say what was compacted.
 * One stream each, as an informer lives for long and there are few.
 */
export async function openWatch(
  client: Etcd3,
  order: WatchOrder,
  deadlines: Deadlines,
  { interceptors = [] }: CallOptions,
): Promise<WatchStream> {
  const call = await callWatch(client, { interceptors: [...interceptors, requireLeader] });
  let over = false;
  let fragments: WatchEvent[] = [];
  const end = (why?: WatchEnd) => {
    if (over) return;
    over = true;
    created();
    hangUp(call);
    if (why) order.onEnd(why);
  };
  const broke = (error: unknown) => end({ mustList: false, error });
  const created = deadlines.set(CREATED_MS, () =>
    broke(new RigError("ETCD_UNREACHABLE", `etcd: watch: no answer within ${CREATED_MS} ms`)),
  );
  const take = (message: WatchMessage) => {
    if (message.created) created();
    for (const event of message.events) if (isText(event.entry)) fragments.push(event);
    if (!message.fragment && fragments.length > 0) {
      const events = fragments;
      fragments = [];
      order.onEvents(events);
    }
    if (message.canceled)
      end({
        mustList: message.compactRevision > 0,
        error: new Error(`watch canceled: ${message.cancelReason || "no reason given"}`),
      });
  };
  const range = { key: Buffer.from(order.prefix), rangeEnd: rangeEnd(order.prefix), fromRevision: order.fromRevision };
  call.start(range, (message) => !over && take(message), broke);
  return { end: () => end() };
}

/** A member without a leader then ends the watch, which otherwise would be silent for as long as it stays cut off. */
const requireLeader: Interceptor = (options, next) =>
  new grpc.InterceptingCall(next(options), {
    start(metadata, listener, go) {
      metadata.set("hasleader", "true");
      go(metadata, listener);
    },
  });
