import { inSpan } from "../state/bytes.ts";
import { isTombstone, type KeyRecord, recordBytes } from "../state/record.ts";
import type { WatchCreate, WatchMessage } from "./message.ts";

// A client's grpc takes 4 MiB at once; with what the events replaced this stays below.
const MESSAGE_BYTES = 1_024 * 1_024;

/** One watch on a stream. */
export interface Watcher {
  readonly id: number;
  readonly wish: WatchCreate;
  /** Events below it are not wanted. */
  readonly minRevision: number;
  /** The revision from which it has to catch up out of the history; null while it hears of every commit itself. */
  lagsFrom: number | null;
  /** True where it was sent anything since the last progress notice. */
  busy: boolean;
}

/** True where the watch wants this event. */
export const wants = ({ wish, minRevision }: Watcher, event: KeyRecord): boolean =>
  event.modRevision >= minRevision &&
  inSpan(wish.span, event.key) &&
  !(isTombstone(event) ? wish.noDelete : wish.noPut);

/** The messages that carry these events: one, or several where the watch allows fragments and they are many bytes. */
export function messagesFor(watcher: Watcher, revision: number, events: readonly KeyRecord[]): WatchMessage[] {
  const { id: watchId, wish } = watcher;
  const parts: KeyRecord[][] = [[]];
  let bytes = 0;
  for (const event of events) {
    bytes += eventBytes(event, wish.prevKv);
    if (wish.fragment && bytes > MESSAGE_BYTES && parts.at(-1)?.length) {
      parts.push([]);
      bytes = eventBytes(event, wish.prevKv);
    }
    parts.at(-1)?.push(event);
  }
  return parts.map((part, index) => ({
    watchId,
    revision,
    events: part,
    prevKv: wish.prevKv,
    fragment: index < parts.length - 1,
  }));
}

const eventBytes = (event: KeyRecord, prevKv: boolean): number =>
  recordBytes(event) + (prevKv && event.older ? recordBytes(event.older) : 0);

/** A stretch of history for one watch that lags. */
export interface CatchUp {
  readonly events: readonly KeyRecord[];
  /** The last revision that was looked at. */
  readonly through: number;
}

// as etcd's batches; the event loop is busy for about a millisecond
const CATCH_UP_REVISIONS = 1_000;

/** Collects the next events from the history, whole revisions, up to `until` or a message's worth. */
export function catchUp(
  watcher: Watcher,
  from: number,
  until: number,
  changesAt: (revision: number) => readonly KeyRecord[],
): CatchUp {
  const events: KeyRecord[] = [];
  const last = Math.min(until, from + CATCH_UP_REVISIONS - 1);
  let bytes = 0;
  let revision = from;
  for (; revision <= last && bytes < MESSAGE_BYTES; revision++)
    for (const change of changesAt(revision)) {
      if (!wants(watcher, change)) continue;
      events.push(change);
      bytes += eventBytes(change, watcher.wish.prevKv);
    }
  return { events, through: revision - 1 };
}
