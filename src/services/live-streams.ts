import type { LivePublish, StreamStatus } from "../domain/live.ts";
import type { Stream } from "../domain/stream.ts";
import type { LiveStatuses } from "./coordination.ts";
import type { Streams } from "./streams.ts";
import type { Users } from "./users.ts";

/** All streams with what they do now. */
export interface LiveStreams {
  /** Of one user (id or username), or all; live ones first, then by title. @throws RigError USER_NOT_FOUND, ETCD_UNREACHABLE */
  list(user?: string): Promise<StreamStatus[]>;
  /** @throws RigError STREAM_NOT_FOUND, ETCD_UNREACHABLE */
  get(streamId: string): Promise<StreamStatus>;
}

interface LiveStreamsPorts {
  readonly streams: Pick<Streams, "list" | "get">;
  readonly users: Pick<Users, "get">;
  readonly live: Pick<LiveStatuses, "list">;
}

/** Joins the streams of the database with what the agents report. A report on a stream that is no longer there is left out. */
export function liveStreams({ streams, users, live }: LiveStreamsPorts): LiveStreams {
  return {
    async list(user) {
      const [known, publishes] = await Promise.all([streams.list(user), live.list()]);
      const latest = latestByStream(publishes);
      return known.map((stream) => statusOf(stream, stream.username, latest.get(stream.id))).sort(byLiveThenTitle);
    },
    async get(streamId) {
      const [stream, publishes] = await Promise.all([streams.get(streamId), live.list()]);
      const { username } = await users.get(stream.userId);
      return statusOf(stream, username, latestByStream(publishes).get(streamId));
    },
  };
}

/** While a stream moves from one edge to another both may report it: the later publish counts. */
function latestByStream(publishes: readonly LivePublish[]): Map<string, LivePublish> {
  const latest = new Map<string, LivePublish>();
  for (const publish of publishes) {
    const other = latest.get(publish.streamId);
    if (!other || other.startedAt < publish.startedAt) latest.set(publish.streamId, publish);
  }
  return latest;
}

const statusOf = ({ id, title }: Stream, username: string, publish: LivePublish | undefined): StreamStatus => ({
  id,
  title,
  username,
  live: publish !== undefined,
  publish: publish ?? null,
});

function byLiveThenTitle(a: StreamStatus, b: StreamStatus): number {
  if (a.live !== b.live) return a.live ? -1 : 1;
  if (a.title !== b.title) return a.title < b.title ? -1 : 1; // not by locale: the order shall not depend on the host
  return a.id < b.id ? -1 : 1;
}
