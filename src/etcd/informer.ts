import type { Etcd } from "./client.ts";
import type { KeyValue } from "./operation.ts";
import type { WatchEvent } from "./watch-message.ts";
import type { WatchEnd, WatchOrder } from "./watch-stream.ts";

/** What an informer tells. None of these may throw. */
export interface Informed {
  /** Each present value once, then each later one once, in order. */
  onPut(entry: KeyValue): void;
  onDelete?(key: string): void;
  /** Everything that was there at the start has been told. Once. */
  onListed?(): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Follows a prefix: lists it, watches from there, and goes on behind the last event when the stream breaks. Where events
 * were compacted away it lists again and tells the difference. Never rejects; resolves once `signal` has aborted and the
 * watch is closed.
 */
export async function inform(etcd: Etcd, prefix: string, informed: Informed, signal: AbortSignal): Promise<void> {
  const seen: Seen = { revisions: new Map(), clusterId: null };
  let place: Place | null = null; // null: list first
  let listed = false;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      if (place === null) {
        place = await list(etcd, prefix, seen, informed);
        if (!listed) informed.onListed?.();
        listed = true;
      }
      const here: Place = place;
      const onEvents = (events: readonly WatchEvent[]) => {
        for (const event of events) tell(event, seen.revisions, informed);
        here.fromRevision = (events.at(-1)?.entry.modRevision ?? 0) + 1;
        pauseMs = FIRST_PAUSE_MS;
      };
      const end = await watchOnce(etcd, { prefix, ...here, onEvents }, signal);
      if (end?.mustList) place = null;
    } catch {
      // Etcd is away: tried again after the pause.
    }
    await etcd.clock.sleep(pauseMs, signal);
  }
}

/** Where to watch on. */
interface Place {
  fromRevision: number;
  readonly clusterId: string;
}

/** What was told: each present key's revision, and the store that counted it. */
interface Seen {
  readonly revisions: Map<string, number>;
  clusterId: string | null;
}

/** Tells what changed since `seen`; answers the place behind the list. */
async function list(etcd: Etcd, prefix: string, seen: Seen, informed: Informed): Promise<Place> {
  const { entries, revision, clusterId } = await etcd.list(prefix);
  const { revisions } = seen;
  const isAnother = seen.clusterId !== clusterId; // equal revisions then say nothing
  seen.clusterId = clusterId;
  const present = new Set(entries.map((entry) => entry.key));
  for (const key of [...revisions.keys()]) {
    if (present.has(key)) continue;
    revisions.delete(key);
    informed.onDelete?.(key);
  }
  for (const entry of entries) {
    if (!isAnother && revisions.get(entry.key) === entry.modRevision) continue;
    revisions.set(entry.key, entry.modRevision);
    informed.onPut(entry);
  }
  return { fromRevision: revision + 1, clusterId };
}

function tell({ type, entry }: WatchEvent, seen: Map<string, number>, informed: Informed): void {
  if (type === "put") {
    seen.set(entry.key, entry.modRevision);
    informed.onPut(entry);
  } else {
    seen.delete(entry.key);
    informed.onDelete?.(entry.key);
  }
}

/** Watches until the stream ends, or `signal` aborts (null). */
async function watchOnce(etcd: Etcd, order: Omit<WatchOrder, "onEnd">, signal: AbortSignal): Promise<WatchEnd | null> {
  let ended: (why: WatchEnd | null) => void = () => {};
  const over = new Promise<WatchEnd | null>((resolve) => {
    ended = resolve;
  });
  const stream = await etcd.watch({ ...order, onEnd: ended });
  const stop = () => {
    stream.end();
    ended(null);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  const why = await over;
  signal.removeEventListener("abort", stop);
  return why;
}
