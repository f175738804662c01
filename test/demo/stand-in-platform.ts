import type { DemoPorts } from "../../src/demo/demo-ports.ts";
import type { Destination } from "../../src/domain/destination.ts";
import { RigError } from "../../src/domain/errors.ts";
import type { RelayStatus } from "../../src/domain/relay.ts";
import { Secret } from "../../src/domain/secret.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import { connectRtmp } from "../../src/rtmp/connect.ts";
import { listenRtmp } from "../../src/rtmp/listener.ts";
import { isHeader } from "../../src/rtmp/media-cache.ts";
import type { MediaMessage } from "../../src/rtmp/message.ts";
import { parseRtmpUrl } from "../../src/rtmp/rtmp-url.ts";
import { readVideoTag } from "../../src/rtmp/video-tag.ts";
import { systemClock } from "../../src/runtime/clock.ts";

/** What can be wrong with the stand-in. */
export interface StandInFaults {
  /** The first relay leaves out this packet. */
  readonly losesPacket?: number;
  /** Every publish is refused. */
  readonly refuses?: boolean;
  /** Relays may not push to loopback addresses. */
  readonly barsLoopback?: boolean;
}

const RETRY_MS = 700;
const STALLED_AFTER_MS = 4500;

const isKey = ({ type, payload }: MediaMessage) => type === 9 && readVideoTag(payload)?.isKey === true;

/** One relay: pushes what it is handed, dials again when that fails, gives up a connection when told that it stalled. */
function standInRelay(destination: Destination, signal: AbortSignal) {
  const queue: MediaMessage[] = [];
  const headers: MediaMessage[] = [];
  let status: RelayStatus = {
    destinationId: destination.id,
    state: "starting",
    reason: null,
    attempt: 1,
    nextRetryAt: null,
    egressBytes: 0,
    bps: 0,
    speed: null,
    lostFrames: 0,
    since: Date.now(),
  };
  let cut: AbortController = new AbortController();
  let ending = false;
  const push = async () => {
    const { host, port, app, name } = parseRtmpUrl(`${destination.url}/key`)!;
    cut = new AbortController();
    const client = await connectRtmp({ host, port, app, clock: systemClock, signal: cut.signal });
    try {
      const publisher = await client.publish(name);
      status = { ...status, state: "pushing" };
      const fromKey = status.attempt === 1 ? 0 : Math.max(0, queue.findLastIndex(isKey));
      queue.splice(0, fromKey, ...(fromKey > 0 ? headers : []));
      while (!cut.signal.aborted && !(ending && queue.length === 0)) {
        const message = queue.shift();
        if (message) await publisher.send(message);
        else await systemClock.sleep(5, signal);
      }
      if (cut.signal.aborted) throw new Error("stalled");
      await publisher.end();
    } finally {
      client.destroy();
    }
  };
  const run = async () => {
    while (!ending) {
      const reason = await push().then(
        () => null,
        () => (cut.signal.aborted ? ("stalled" as const) : ("connection refused" as const)),
      );
      if (ending) return;
      status = { ...status, state: "waiting", reason, nextRetryAt: Date.now() + RETRY_MS };
      await systemClock.sleep(RETRY_MS, signal);
      status = { ...status, state: "starting", attempt: status.attempt + 1, nextRetryAt: null };
    }
  };
  return {
    status: () => status,
    take(message: MediaMessage) {
      if (isHeader(message)) headers.push(message);
      queue.push(message);
    },
    stall: () => cut.abort(),
    end() {
      ending = true;
    },
    done: run(),
  };
}

/** A platform as small as can be, for tests of the demo itself: it takes a publish and relays it by rig's own client. */
export async function standInPlatform(faults: StandInFaults = {}) {
  const end = new AbortController();
  const destinations: Destination[] = [];
  const kept = { users: new Set<string>(), streams: new Set<string>() };
  let relays: ReturnType<typeof standInRelay>[] = [];
  let live = false;
  const listener = await listenRtmp({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    accept: () => ({
      handlers: {
        publish: async ({ name }) => {
          if (faults.refuses || name !== "the-key") return { refusal: "not this one" };
          live = true;
          relays = destinations.map((destination) => standInRelay(destination, end.signal));
          void systemClock.sleep(STALLED_AFTER_MS, end.signal).then(() => relays[2]?.stall());
          let count = 0;
          return {
            sink: {
              message(message) {
                count += 1;
                for (const [index, relay] of relays.entries())
                  if (index !== 0 || count !== faults.losesPacket) relay.take(message);
              },
              ended() {
                live = false;
                for (const relay of relays) relay.end();
              },
            },
          };
        },
        play: () => ({ refusal: "no" }),
      },
    }),
  });
  const ports: DemoPorts = {
    users: {
      add: async ({ username, email }) => {
        kept.users.add("u1");
        return { id: "u1", username, email, disabledAt: null, quota: NO_QUOTA, createdAt: 0 };
      },
      remove: async (id) => {
        if (live) throw new RigError("CONFLICT", "a publish is open");
        kept.users.delete(id);
        kept.streams.clear();
      },
    },
    streams: {
      add: async ({ user, title }) => {
        kept.streams.add("s1");
        const stream = { id: "s1", userId: user, title, createdAt: 0, revision: 1 };
        return { stream, streamKey: new Secret("the-key") };
      },
    },
    destinations: {
      add: async (streamId, input) => {
        const destination: Destination = {
          id: `d${destinations.length}`,
          streamId,
          service: null,
          server: null,
          url: "url" in input ? input.url : "",
          enabled: true,
          createdAt: 0,
          revision: 1,
          retrySeq: 0,
        };
        destinations.push(destination);
        return destination;
      },
    },
    status: async (streamId) =>
      live
        ? {
            publishId: "p1",
            streamId,
            agentId: "a1",
            startedAt: 0,
            ingestBytes: 0,
            ingestBps: 1,
            lostFrames: 0,
            relays: relays.map((relay) => ({
              ...relay.status(),
              ...(faults.barsLoopback && { state: "waiting", reason: "address refused" }),
            })),
          }
        : null,
    publishUrl: `rtmp://127.0.0.1:${listener.port}/live`,
    actor: { kind: "operator", id: "test" },
    clock: systemClock,
    random: Math.random,
  };
  return {
    ports,
    kept,
    async close() {
      end.abort();
      await listener.close();
      await Promise.all(relays.map(({ done }) => done));
    },
  };
}
