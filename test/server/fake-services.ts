import type { Destination } from "../../src/domain/destination.ts";
import { RigError } from "../../src/domain/errors.ts";
import type { LivePublish } from "../../src/domain/live.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { Stream } from "../../src/domain/stream.ts";
import type { User } from "../../src/domain/user.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import type { ServerServices } from "../../src/server/server-services.ts";
import { liveStreams } from "../../src/services/live-streams.ts";
import { testViewers } from "./test-viewers.ts";

export const AT = Date.UTC(2026, 10, 22, 8, 0, 0);

export const ADA: User = {
  id: "U1",
  username: "ada",
  email: "ada@example.org",
  disabledAt: null,
  quota: NO_QUOTA,
  createdAt: AT,
};
export const SHOW: Stream = { id: "S1", userId: "U1", title: "Show", createdAt: AT, revision: 1 };
export const CHANNEL: Destination = {
  id: "D1",
  streamId: "S1",
  service: null,
  server: null,
  url: "rtmp://example.org/app",
  enabled: true,
  createdAt: AT,
  revision: 1,
  retrySeq: 0,
};
export const LIVE: LivePublish = {
  publishId: "P1",
  streamId: "S1",
  agentId: "edge-1",
  startedAt: AT,
  ingestBytes: 1000,
  ingestBps: 4_000_000,
  lostFrames: 0,
  relays: [
    {
      destinationId: "D1",
      state: "waiting",
      reason: "connection refused",
      attempt: 2,
      nextRetryAt: AT + 1500,
      egressBytes: 0,
      bps: 0,
      speed: null,
      lostFrames: 0,
      since: AT,
    },
  ],
};

/** What the routes asked of the fakes, newest last. */
export type Calls = [name: string, ...args: unknown[]][];

/** Services that answer with one user, one stream and one destination, and write down each call; `change` replaces some. */
export function fakeServices(calls: Calls, change: Partial<ServerServices> = {}): ServerServices {
  const noted =
    <A extends unknown[], T>(name: string, answer: (...args: A) => T) =>
    async (...args: A): Promise<T> => {
      calls.push([name, ...args]);
      return answer(...args);
    };
  const users: ServerServices["users"] = {
    add: noted("users.add", (input) => ({ ...ADA, ...input })),
    list: noted("users.list", () => [ADA]),
    get: noted("users.get", (name) => found(name === "U1" || name === "ada" ? ADA : null)),
    change: noted("users.change", (_name, { disabled, quota }) => ({
      ...ADA,
      ...(disabled && { disabledAt: AT }),
      quota: { ...ADA.quota, ...quota },
    })),
    remove: noted("users.remove", () => undefined),
  };
  const streams: ServerServices["streams"] = {
    add: noted("streams.add", () => ({ stream: SHOW, streamKey: new Secret("sk-new") })),
    list: noted("streams.list", () => [{ ...SHOW, username: "ada" }]),
    get: noted("streams.get", () => SHOW),
    rotateKey: noted("streams.rotateKey", () => ({ streamKey: new Secret("sk-rotated") })),
    drop: noted("streams.drop", () => true),
    remove: noted("streams.remove", () => undefined),
  };
  return {
    users,
    streams,
    destinations: {
      add: noted("destinations.add", () => CHANNEL),
      list: noted("destinations.list", () => [CHANNEL]),
      edit: noted("destinations.edit", () => ({ ...CHANNEL, revision: 2 })),
      remove: noted("destinations.remove", () => undefined),
      retryNow: noted("destinations.retryNow", () => ({ ...CHANNEL, retrySeq: 1 })),
    },
    publishes: {
      authenticate: noted("publishes.authenticate", (attempt) => {
        if (attempt.streamKey.open() !== "sk-good") throw new RigError("STREAM_KEY_UNKNOWN", "no such stream key");
        return {
          publishId: "P1",
          streamId: "S1",
          userId: "U1",
          revision: 1,
          targets: [{ destination: CHANNEL, destinationKey: new Secret("dk-1") }],
          creditUntilSeconds: null,
          creditSeq: 0,
        };
      }),
      targets: noted("publishes.targets", () => ({
        revision: 2,
        targets: [{ destination: CHANNEL, destinationKey: new Secret("dk-2") }],
      })),
      end: noted("publishes.end", () => undefined),
      report: noted("publishes.report", (_agentId, reports) =>
        reports.map(({ publishId }) => ({
          publishId,
          known: true,
          revision: 1,
          drop: null,
          creditUntilSeconds: 60.5,
          creditSeq: 3,
        })),
      ),
    },
    liveStreams: liveStreams({ streams, users, live: { list: async () => [LIVE] } }),
    usage: {
      list: noted("usage.list", (period) => [
        {
          userId: "U1",
          username: "ada",
          period,
          liveSeconds: 12.5,
          ingestBytes: 1,
          egressSeconds: 2,
          egressBytes: 3,
        },
      ]),
    },
    agents: { list: async () => [] },
    viewerTokens: { admit: async () => ({ answer: "issued", token: "t" }) },
    viewers: testViewers().viewers,
    metrics: () => "",
    ...change,
  };
}

function found(user: User | null): User {
  if (user === null) throw new RigError("USER_NOT_FOUND", "there is no such user");
  return user;
}
