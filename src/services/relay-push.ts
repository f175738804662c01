import type { RelayReason } from "../domain/relay.ts";
import type { DestinationTarget } from "./destinations.ts";

/** What one try at pushing needs to know. */
export interface RelayOrder {
  readonly publishId: string;
  /** Also the destination's id: one relay a destination. */
  readonly relayId: string;
  readonly pullUrl: string;
  readonly target: DestinationTarget;
}

/** How a try ended. `healthy`: bytes were still moving 10 s after they began to. */
export interface PushEnd {
  readonly reason: RelayReason | null;
  /** The last words of ffmpeg on it, without secrets; for logs and details. */
  readonly detail: string;
  readonly healthy: boolean;
  readonly egressBytes: number;
  readonly egressSeconds: number;
}

/** Progress of one try, at most once a second. `egressBytes` counts this try alone. */
export interface PushProgress {
  readonly egressBytes: number;
  /** Media time sent, seconds. */
  readonly egressSeconds: number;
  readonly bps: number;
  readonly speed: number | null;
  readonly lostFrames: number;
}

/** Pushes once: one ffmpeg from spawn to exit. Resolves after the process has ended; never rejects. */
export type PushOnce = (
  order: RelayOrder,
  onProgress: (progress: PushProgress) => void,
  signal: AbortSignal,
) => Promise<PushEnd>;
