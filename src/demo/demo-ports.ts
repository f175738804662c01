import type { Actor } from "../domain/audit.ts";
import type { Clock, Random } from "../domain/clock.ts";
import type { LivePublish } from "../domain/live.ts";
import type { RelayStatus } from "../domain/relay.ts";
import type { Destinations } from "../services/destinations.ts";
import type { Streams } from "../services/streams.ts";
import type { Users } from "../services/users.ts";

/** How far the demo is. */
export interface DemoProgress {
  readonly elapsedMs: number;
  readonly wantedMs: number;
  readonly relays: readonly RelayStatus[];
}

/** What the demo needs of a running platform. */
export interface DemoPorts {
  readonly users: Pick<Users, "add" | "remove">;
  readonly streams: Pick<Streams, "add">;
  readonly destinations: Pick<Destinations, "add">;
  /** The stream's publish as `rig streams list` shows it; null while it is not live. */
  status(streamId: string): Promise<LivePublish | null>;
  /** rtmp://host:port/app of the ingest. */
  readonly publishUrl: string;
  readonly actor: Actor;
  readonly clock: Clock;
  readonly random: Random;
}

export interface DemoOptions {
  /** The FLV file to publish in a loop. */
  readonly clip: Buffer;
  /** How long to publish at least. */
  readonly seconds: number;
  /** Ends the demo early; what was made is still removed. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: DemoProgress) => void;
}
