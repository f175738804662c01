import type { Random } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { allEnded } from "../runtime/all-ended.ts";
import { repeat } from "../runtime/repeat.ts";
import type { Etcd } from "./client.ts";
import { type KeyValue, remove, unchanged } from "./operation.ts";
import { ViewerRevisions } from "./viewer-revisions.ts";

interface ViewerSweeperOptions {
  /** The longest life that any token is given. */
  readonly longestExpiryMs: number;
  readonly random: Random;
  readonly log: Log;
}

const MARGIN_MS = 60_000; // more than any server's clock may be wrong by
const EVERY_MS = 30_000;
const SHARDS = 256; // of 200,000 sessions a range over all took 450 ms, over one of these 3 ms
const SHARD_EVERY_MS = EVERY_MS / SHARDS;
const FEW = 2_000; // so many are looked at in one range
const DELETES = 90; // one outer transaction

/**
 * Sweeps again and again, on any number of servers side by side. Never rejects; resolves once `signal` has aborted and
 * the last delete is answered.
 */
export function sweepViewers(etcd: Etcd, options: ViewerSweeperOptions, signal: AbortSignal): Promise<void> {
  const { clock } = etcd;
  const repetition = { everyMs: EVERY_MS, failure: "viewer sessions not swept", clock, log: options.log };
  return repeat(repetition, viewerSweeper(etcd, options, signal), signal);
}

/**
 * One round: deletes sessions that nobody has written for longer than a token lives, by their revision and this process's
 * monotonic clock. Their tokens are dead by anybody's. The first rounds only learn how old revisions are.
 */
export function viewerSweeper(
  etcd: Etcd,
  { longestExpiryMs, random }: Omit<ViewerSweeperOptions, "log">,
  signal: AbortSignal,
): () => Promise<void> {
  const { clock, keys } = etcd;
  const revisions = new ViewerRevisions();

  async function sweepPlace(place: string): Promise<void> {
    const upToRevision = revisions.writtenBefore(clock.monotonic() - longestExpiryMs - MARGIN_MS);
    // No key is as old as revision 1: where nothing is known yet, the store only tells its revision.
    const listing = await etcd.list(place, { keysOnly: true, upToRevision: upToRevision ?? 1 });
    const isSame = revisions.note(listing, clock.monotonic());
    if (isSame && upToRevision !== null) await removeAll(etcd, listing.entries, signal);
  }

  return async () => {
    if ((await etcd.count(keys.viewerSessions)) <= FEW) return sweepPlace(keys.viewerSessions);
    const first = Math.floor(random() * SHARDS); // so that many servers do not look at the same place
    for (let n = 0; n < SHARDS && !signal.aborted; n++) {
      await sweepPlace(keys.viewerSessionsOf(((first + n) % SHARDS).toString(16).padStart(2, "0")));
      await clock.sleep(SHARD_EVERY_MS, signal);
    }
  };
}

/** One that was written meanwhile, or that another server swept, is left alone. */
async function removeAll(etcd: Etcd, entries: readonly KeyValue[], signal: AbortSignal): Promise<void> {
  for (let at = 0; at < entries.length && !signal.aborted; at += DELETES)
    await allEnded(entries.slice(at, at + DELETES).map((entry) => removeUnchanged(etcd, entry)));
}

const removeUnchanged = (etcd: Etcd, entry: KeyValue): Promise<void> =>
  etcd.commit<void>({
    lane: "tokens",
    what: "sweep a viewer session",
    when: [unchanged(entry)],
    apply: [remove(entry.key)],
    answer: () => undefined,
    settle: async () => ({ was: "applied", value: undefined }), // what is left the next round finds again
  });
