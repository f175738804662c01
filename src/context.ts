import type { Settings } from "./config/settings.ts";
import { RigError } from "./domain/errors.ts";
import type { Destinations } from "./services/destinations.ts";
import type { LiveStreams } from "./services/live-streams.ts";
import type { Publishes, UsageStore } from "./services/publishes.ts";
import type { Streams } from "./services/streams.ts";
import type { Users } from "./services/users.ts";

/** rig's use cases, wired. */
export interface Context {
  readonly users: Users;
  readonly streams: Streams;
  readonly destinations: Destinations;
  readonly publishes: Publishes;
  readonly usage: Pick<UsageStore, "list">;
  readonly liveStreams: LiveStreams;
  close(): Promise<void>;
}

/** Wires rig for one command. */
export async function openContext(_options: { settings: Settings }): Promise<Context> {
  throw new RigError("INTERNAL", "the wiring is not there yet");
}
