import type { LivePublish } from "./live.ts";
import type { RelayStatus } from "./relay.ts";

/** How a live stream or a relay does, in one word; ordered from good to bad by `HEALTH_RANK`. */
export type Health = "live" | "slow" | "down";

/** A sign for each, so that colour is never the only one. */
export const HEALTH_MARK: Readonly<Record<Health, string>> = { live: "●", slow: "▲", down: "✖" };

/** Worst first when sorted by it. */
export const HEALTH_RANK: Readonly<Record<Health, number>> = { down: 0, slow: 1, live: 2 };

const REAL_TIME = 0.97; // media seconds per second; below it a relay falls behind (protocols.md)

/** Pushing in real time is live; starting, falling behind or sending nothing is slow; anything else is down. */
export function relayHealth({ state, speed, bps }: Pick<RelayStatus, "state" | "speed" | "bps">): Health {
  if (state === "starting") return "slow";
  if (state !== "pushing") return "down";
  return bps <= 0 || (speed !== null && speed < REAL_TIME) ? "slow" : "live";
}

/** Down when no media comes in or no relay pushes; slow when any relay is not live. */
export function publishHealth({ ingestBps, relays }: Pick<LivePublish, "ingestBps" | "relays">): Health {
  if (ingestBps <= 0) return "down";
  let live = 0;
  let down = 0;
  for (const relay of relays) {
    const health = relayHealth(relay);
    if (health === "live") live += 1;
    else if (health === "down") down += 1;
  }
  if (relays.length > 0 && down === relays.length) return "down";
  return live === relays.length ? "live" : "slow";
}
