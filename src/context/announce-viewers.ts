import type { Log } from "../domain/log.ts";
import type { Etcd } from "../etcd/client.ts";
import { noLease } from "../etcd/no-lease.ts";
import { openProcessLease, type ProcessLease } from "../etcd/process-lease.ts";
import { announceViewerServer } from "../etcd/viewer-servers.ts";
import { aborted } from "../runtime/aborted.ts";
import { systemClock } from "../runtime/clock.ts";
import type { ViewerCounters } from "../services/viewer-counters.ts";
import { viewerSummary } from "../services/viewer-servers.ts";

interface AnnouncePlaces {
  readonly etcd: Etcd;
  /** The process's own; where it has none, one is taken for this alone. */
  readonly lease: ProcessLease;
  readonly serverId: string;
  readonly counters: ViewerCounters;
  readonly log: Log;
}

const AGAIN_MS = 5_000; // etcd was away when we asked for a lease

/** Lets operators see what this server is asked for. Never rejects; resolves once `signal` has aborted and the word is taken back. */
export async function announceViewers(places: AnnouncePlaces, signal: AbortSignal): Promise<void> {
  const { etcd, serverId, counters, log } = places;
  const own = places.lease === noLease ? await ownLease(places, signal) : null;
  const lease = own ?? places.lease;
  if (!signal.aborted && lease !== noLease) {
    const announced = announceViewerServer(etcd, { lease, serverId, summary: viewerSummary(counters, systemClock) });
    await aborted(signal);
    await announced.takeBack().catch((error: unknown) => log.debug({ err: error }, "viewer server's word left behind"));
  }
  await own?.close();
}

/** Null where `signal` aborts before etcd answers. */
async function ownLease({ etcd, serverId }: AnnouncePlaces, signal: AbortSignal): Promise<ProcessLease | null> {
  while (!signal.aborted) {
    const lease = await openProcessLease(etcd, { processId: `server:${serverId}` }).catch(() => null);
    if (lease) return lease;
    await systemClock.sleep(AGAIN_MS, signal);
  }
  return null;
}
