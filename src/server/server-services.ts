import type { AgentRegistry } from "../services/coordination.ts";
import type { Destinations } from "../services/destinations.ts";
import type { LiveStreams } from "../services/live-streams.ts";
import type { Publishes, UsageStore } from "../services/publishes.ts";
import type { Streams } from "../services/streams.ts";
import type { Users } from "../services/users.ts";
import type { ViewerTokens } from "../services/viewer-tokens.ts";
import type { ViewerServices } from "./routes/tokens.ts";

/** What the stream service's own port answers with. */
export interface StreamServices {
  readonly viewerTokens: ViewerTokens;
  readonly viewers: ViewerServices;
  /** The text of `/metrics`. */
  readonly metrics: () => string;
}

/** The use cases that the server's routes call. */
export interface ServerServices extends StreamServices {
  readonly users: Users;
  readonly streams: Streams;
  readonly destinations: Destinations;
  readonly publishes: Publishes;
  readonly liveStreams: LiveStreams;
  readonly usage: Pick<UsageStore, "list">;
  readonly agents: Pick<AgentRegistry, "list">;
}
