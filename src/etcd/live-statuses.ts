import type { LivePublish } from "../domain/live.ts";
import type { LiveStatuses } from "../services/coordination.ts";
import type { Etcd } from "./client.ts";
import { decodeLive } from "./live-encoding.ts";
import { LivePages } from "./live-pages.ts";
import type { ProcessLease } from "./process-lease.ts";

const LIST_PAGE_KEYS = 32; // of at most 64 KiB: 2 MiB an answer

/**
 * What every agent does now. Writing skips pages that are as they were; listing keeps what it read and fetches what
 * changed since, so use one instance per process. After a lost lease the last pages are put back by themselves.
 */
export function etcdLiveStatuses(etcd: Etcd, lease: ProcessLease): LiveStatuses {
  const ofAgent = new Map<string, LivePages>();
  lease.onRegranted(async () => {
    for (const pages of ofAgent.values()) await pages.flush();
  });
  return {
    async write(agentId, publishes) {
      const pages = ofAgent.get(agentId) ?? new LivePages(etcd, lease, agentId);
      ofAgent.set(agentId, pages);
      await pages.write(publishes);
    },
    list: sharedList(etcd),
  };
}

/** A list that callers of one moment share, and that reads no page twice. */
function sharedList(etcd: Etcd): () => Promise<LivePublish[]> {
  const pages = new Map<string, LivePublish[]>();
  let seenRevision = 0;
  let running: Promise<LivePublish[]> | null = null;

  async function refresh(): Promise<void> {
    const { live } = etcd.keys;
    const since = seenRevision > 0 ? { sinceRevision: seenRevision + 1 } : {};
    const { entries, revision } = await etcd.list(live, { pageKeys: LIST_PAGE_KEYS, ...since });
    if (revision < seenRevision) {
      // The store was set back: nothing of what we know holds.
      pages.clear();
      seenRevision = 0;
      return await refresh();
    }
    for (const { key, value } of entries) pages.set(key, decodeLive(value, etcd.keys.segments(key, live)[0] ?? ""));
    seenRevision = revision;
    if ((await etcd.count(live, revision)) !== pages.size) await forgetGone();
  }

  /** A deletion shows in no list of changes, only in the count. */
  async function forgetGone(): Promise<void> {
    const { entries } = await etcd.list(etcd.keys.live, { keysOnly: true });
    const present = new Set(entries.map((entry) => entry.key));
    for (const key of [...pages.keys()]) if (!present.has(key)) pages.delete(key);
  }

  return () => {
    running ??= refresh()
      .then(() => [...pages.values()].flat())
      .finally(() => {
        running = null;
      });
    return running;
  };
}
