import type { ConnectionLimits } from "./connection-limits.ts";

/** Bounds of the embedded ingest; those of one connection's protocol stand in the rtmp room. */
export interface IngestLimits extends ConnectionLimits {
  /** How long a publish may wait for its decision. */
  readonly decisionMs: number;
  /** A publisher that sends no media for so long is ended. */
  readonly idleMs: number;
  /** The group of pictures kept for players that come late, its media alone. */
  readonly gopMaxBytes: number;
  /** What may be queued for one player before it loses frames; a whole group of pictures must fit. */
  readonly playerMaxQueuedBytes: number;
  /** In what size players' messages are cut: ffmpeg reads each chunk by system calls of its own. */
  readonly playerChunkSize: number;
  /** How long players may go on reading when the ingest stops. */
  readonly stopMs: number;
}

export const DEFAULT_INGEST_LIMITS: IngestLimits = {
  maxConnections: 2_000,
  maxPendingPerAddress: 128,
  decisionMs: 5_000,
  idleMs: 10_000,
  gopMaxBytes: 6 * 1024 * 1024,
  playerMaxQueuedBytes: 8 * 1024 * 1024,
  playerChunkSize: 65_536,
  stopMs: 1_000,
};
