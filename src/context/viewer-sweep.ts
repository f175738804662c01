import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import type { Etcd } from "../etcd/client.ts";
import { sweepViewers } from "../etcd/viewer-sweeper.ts";

interface SweepPlaces {
  readonly etcd: Etcd;
  readonly settings: Pick<Settings, "streamExpirySeconds">;
  readonly log: Log;
}

/** Sweeps viewer sessions for as long as `serve` runs; resolves, or rejects with what ended it, once both have ended. */
export async function serveAndSweep({ etcd, settings, log }: SweepPlaces, serve: () => Promise<void>): Promise<void> {
  const served = new AbortController();
  const longestExpiryMs = settings.streamExpirySeconds * 1_000;
  const sweeping = sweepViewers(etcd, { longestExpiryMs, random: Math.random, log }, served.signal);
  try {
    await serve();
  } finally {
    served.abort();
    await sweeping;
  }
}
