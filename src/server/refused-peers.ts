import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";

interface RefusedPeersPorts {
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Pick<Log, "warn">;
}

const EVERY_MS = 10_000;

/** Tells the log of peers that are no declared proxy: the first at once, then one in 10 s, however many come. */
export function refusedPeers({ clock, log }: RefusedPeersPorts): (address: string | undefined) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let refused = 0; // since the last line
  return (address) => {
    refused += 1;
    if (clock.monotonic() - toldAt < EVERY_MS) return;
    const peer = address?.replace(/^::ffff:/, "") ?? null; // as the setting names it
    log.warn({ peer, refused, hint: "Where it is your proxy, name it in STREAM_SERVICE_PROXIES." }, "peer refused");
    [toldAt, refused] = [clock.monotonic(), 0];
  };
}
