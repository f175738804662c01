/** What one relay does now (design.md section 6). */
export type RelayState = "starting" | "pushing" | "waiting" | "rejected" | "stopped";

/** Which state may follow which. `starting` may follow itself: a new attempt. */
export const NEXT_RELAY_STATE: Readonly<Record<RelayState, readonly RelayState[]>> = {
  starting: ["pushing", "waiting", "rejected", "stopped"],
  pushing: ["waiting", "rejected", "stopped"],
  waiting: ["starting", "stopped"],
  rejected: ["starting", "stopped"],
  stopped: [],
};

/** Why a relay's last attempt ended. */
export type RelayReason =
  | "unknown host"
  | "address refused"
  | "connection refused"
  | "closed"
  | "timeout"
  | "tls"
  | "in use"
  | "rejected"
  | "stalled"
  | "no video"
  | "codec"
  | "source gone"
  | "crashed";

/** One relay as screens and `live/` show it. */
export interface RelayStatus {
  readonly destinationId: string;
  readonly state: RelayState;
  readonly reason: RelayReason | null;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Ms since epoch; null unless waiting or rejected. */
  readonly nextRetryAt: number | null;
  /** Bytes sent to the destination, all attempts of this publish together. */
  readonly egressBytes: number;
  /** Bits per second over the last seconds. */
  readonly bps: number;
  /** Media seconds per second, as ffmpeg reports it; null until it does. */
  readonly speed: number | null;
  readonly lostFrames: number;
  /** Ms since epoch at which the present state began. */
  readonly since: number;
}
