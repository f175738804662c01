import { expect, it } from "vitest";
import { fullCount } from "./full-count.ts";
import { HAMMERED, HAMMERED_SESSIONS, type HammeredStore, hammerViewers, randomOf } from "./hammer-viewers.ts";
import { unexplained, type ViewerEvent } from "./viewer-history.ts";

/** A store that is hammered, and tells what is written in it. */
export interface WatchedStore extends HammeredStore {
  /** Tells of each write how many tokens its session has then; resolves when aborted and ended. */
  watch(see: (tokens: number) => void, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** How long it is hammered in a usual run, and how far apart the faults are: at least this, at most twice as long. */
interface Hammering {
  readonly usualMs: number;
  readonly faultsMs: number;
}

const FULL_MS = 600_000;
const SHORT_MS = 10_000; // on the slowest machine hardly a server serves in so short a run
// Beyond it: a third of the places that become free, and no more than a quarter of the requests without an answer.
const LEAST_GRANTED_PER_SECOND = (HAMMERED_SESSIONS.length * HAMMERED.limit) / HAMMERED.expirySeconds / 3;
const MOST_UNKNOWN = 1 / 4;
const LONGEST_GAP_MS = 30_000; // without a grant to anybody: by then it has come back by itself

/**
 * Servers that are killed over a store that is restarted, under 64 clients on 20 sessions: no write has more tokens than the
 * limit, and an order explains every answer. Call it within a `describe`; `start` gives null where the store is not installed.
 */
export function hammersViewers(start: () => Promise<WatchedStore | null>, { usualMs, faultsMs }: Hammering): void {
  const { limit, expirySeconds } = HAMMERED;
  const runMs = fullCount(usualMs, FULL_MS, "RIG_HAMMER_MS");
  const seed = fullCount(Date.now() % 1_000_000, Date.now() % 1_000_000, "RIG_HAMMER_SEED");
  it(
    "grant hammering clients never more than the limit, in an order that explains all",
    async (context) => {
      const store = await start();
      if (!store) return context.skip();
      process.stderr.write(`hammering for ${runMs} ms, RIG_HAMMER_SEED=${seed}\n`);
      const writes: number[] = [];
      const stop = new AbortController();
      const watching = store.watch((tokens) => void writes.push(tokens), stop.signal);
      const events = await hammerViewers(store, { runMs, faultsMs, random: randomOf(seed) }).finally(async () => {
        stop.abort();
        await watching;
        await store.stop();
      });

      const granted = events.filter(({ got }) => got !== null && got !== "unknown");
      const unknown = events.filter(({ got }) => got === "unknown").length;
      const longestGapMs = Math.round(longestGap(granted));
      const seen = { asked: events.length, granted: granted.length, unknown, longestGapMs, writes: writes.length };
      process.stderr.write(`${JSON.stringify(seen)}\n`);
      expect(writes.reduce((most, tokens) => Math.max(most, tokens), 0)).toBe(limit);
      const rules = { limit, expiryMs: expirySeconds * 1_000 };
      const odd = HAMMERED_SESSIONS.flatMap((session) => {
        const own = events.filter((event) => event.session === session);
        const left = unexplained(own, rules);
        return left ? [{ session, seed, unexplained: left }] : [];
      });
      expect(odd).toEqual([]);
      const beyondMs = Math.max(0, runMs - SHORT_MS);
      const leastGranted = Math.max(HAMMERED_SESSIONS.length, (LEAST_GRANTED_PER_SECOND * beyondMs) / 1_000);
      expect(granted.length).toBeGreaterThan(leastGranted);
      expect(longestGapMs).toBeLessThan(LONGEST_GAP_MS);
      expect(unknown).toBeLessThan(events.length * (beyondMs > 0 ? MOST_UNKNOWN : 1));
    },
    2 * runMs + 120_000, // what was seen is looked at for some time
  );
}

/** The longest that nobody heard a yes. */
function longestGap(granted: readonly ViewerEvent[]): number {
  const answers = granted.map(({ answeredAt }) => answeredAt).sort((a, b) => a - b);
  return answers.reduce((longest, at, i) => Math.max(longest, at - (answers[i - 1] ?? at)), 0);
}
