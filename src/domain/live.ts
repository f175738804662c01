import type { RelayStatus } from "./relay.ts";

/** A publish as its agent reports it under `live/`. */
export interface LivePublish {
  readonly publishId: string;
  readonly streamId: string;
  readonly agentId: string;
  readonly startedAt: number;
  readonly ingestBytes: number;
  readonly ingestBps: number;
  readonly lostFrames: number;
  readonly relays: readonly RelayStatus[];
}

/** One row of `rig streams list` and `rig streams top`: a stream, joined with its publish where it is live. */
export interface StreamStatus {
  readonly id: string;
  readonly title: string;
  readonly username: string;
  readonly live: boolean;
  readonly publish: LivePublish | null;
}
