import type { Etcd } from "./client.ts";
import type { KeyValue } from "./operation.ts";
import type { WatchEnd, WatchEvent } from "./watch-stream.ts";

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
  const seen = new Map<string, number>();
  let nextRevision: number | null = null; // null: list first
  let listed = false;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      if (nextRevision === null) {
        nextRevision = (await list(etcd, prefix, seen, informed)) + 1;
        if (!listed) informed.onListed?.();
        listed = true;
      }
      const onEvents = (events: readonly WatchEvent[]) => {
        for (const event of events) tell(event, seen, informed);
        nextRevision = Math.max(nextRevision ?? 0, ...events.map((event) => event.entry.modRevision + 1));
        pauseMs = FIRST_PAUSE_MS;
      };
      const end = await watchOnce(etcd, { prefix, fromRevision: nextRevision, onEvents }, signal);
      if (end?.mustList) nextRevision = null;
    } catch {
      // Etcd is away: tried again after the pause.
    }
    await etcd.clock.sleep(pauseMs, signal);
  }
}

/** Tells what changed since `seen`; answers the revision of the list. */
async function list(etcd: Etcd, prefix: string, seen: Map<string, number>, informed: Informed): Promise<number> {
  const { entries, revision } = await etcd.list(prefix);
  const present = new Set(entries.map((entry) => entry.key));
  for (const key of [...seen.keys()]) {
    if (present.has(key)) continue;
    seen.delete(key);
    informed.onDelete?.(key);
  }
  for (const entry of entries) {
    if (seen.get(entry.key) === entry.modRevision) continue;
    seen.set(entry.key, entry.modRevision);
    informed.onPut(entry);
  }
  return revision;
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
async function watchOnce(
  etcd: Etcd,
  order: { prefix: string; fromRevision: number; onEvents: (events: readonly WatchEvent[]) => void },
  signal: AbortSignal,
): Promise<WatchEnd | null> {
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
