import type { Ingest } from "../../../src/services/ingest.ts";

/** Where two media servers may differ, and nowhere else. */
export interface IngestDifferences {
  /** A refused publisher is told NetStream.Publish.BadName; otherwise its connection just ends. */
  readonly saysWhyRefused: boolean;
  /** The decision's signal aborts when the publisher leaves before it was answered. */
  readonly seesLeavingEarly: boolean;
  /** A player that comes late begins at the last key frame that was; otherwise at the next one. */
  readonly keepsGop: boolean;
  /** Players see the end of the stream when its publisher ends; otherwise they wait on. */
  readonly endsPlayers: boolean;
  /** A player that does not read is counted in its `lostFrames`. */
  readonly countsLostFrames: boolean;
  /** `stat` counts video and audio frames; otherwise both are 0 and only `bytesIn` grows. */
  readonly countsFrames: boolean;
  /** Audio from before the first key frame does not reach players, and headers may change places. */
  readonly leavesOutEarlyAudio: boolean;
  /** `ended` tells `unpublished`, `dropped` and `idle` apart; otherwise its reason is not looked at. */
  readonly tellsReasons: boolean;
  /** After how long a publisher without media is ended. */
  readonly idleMs: number;
}

/** A media server under test, not yet running, and how to be rid of what it needed. */
export interface StartedIngest {
  readonly ingest: Ingest;
  stop(): Promise<void>;
}
