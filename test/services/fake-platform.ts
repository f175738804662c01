import type { Actor, AuditEntry } from "../../src/domain/audit.ts";
import type { Destination } from "../../src/domain/destination.ts";
import { RigError } from "../../src/domain/errors.ts";
import type { Secret } from "../../src/domain/secret.ts";
import type { Stream, StreamKey } from "../../src/domain/stream.ts";
import type { User } from "../../src/domain/user.ts";
import type { PublishClaim } from "../../src/services/coordination.ts";
import type { DestinationStore } from "../../src/services/destinations.ts";
import type { Publish, PublishStore } from "../../src/services/publishes.ts";
import type { StreamStore } from "../../src/services/streams.ts";
import type { UserStore } from "../../src/services/users.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

export const OPERATOR: Actor = { kind: "operator", id: "token-1" };
export const AGENT: Actor = { kind: "agent", id: "edge-1" };

export type FakePlatform = ReturnType<typeof fakePlatform>;

/** Stores, claims and orders in memory. `etcdIsAway` makes every call to the latter two fail. */
export function fakePlatform() {
  const clock = fakeClock();
  const state = emptyState();
  let nextId = 0;
  const etcd = () => {
    if (state.etcdIsAway) throw new RigError("ETCD_UNREACHABLE", "etcd is away");
  };
  const ports = {
    clock,
    log: { ...silentLog, warn: (_: object, message: string) => state.warnings.push(message) },
    ids: { ulid: () => `id-${++nextId}`, streamKey: () => `stream-key-${++nextId}` },
    sha256: (text: string) => Buffer.from(`hash of ${text}`),
    users: userStore(state),
    streams: streamStore(state),
    destinations: destinationStore(state),
    publishes: publishStore(state),
    claims: {
      find: async (streamId: string) => {
        etcd();
        return state.claims.find((claim) => claim.streamId === streamId) ?? null;
      },
    },
    wanted: {
      put: async (agentId: string, publishId: string, revision: number) => {
        etcd();
        state.wanted.push(`${agentId}/${publishId}: ${revision}`);
      },
    },
    drops: {
      drop: async (streamId: string, reason: string) => {
        etcd();
        state.drops.push(`${streamId}: ${reason}`);
        return state.claims.some((claim) => claim.streamId === streamId);
      },
    },
    targets: {
      targets: async (streamId: string) => ({
        revision: state.streams.find(({ id }) => id === streamId)?.revision ?? 0,
        targets: [],
      }),
    },
  };
  return { state, ports, clock };
}

const emptyState = () => ({
  users: [] as User[],
  streams: [] as Stream[],
  keys: [] as (StreamKey & { hash: string })[],
  destinations: [] as (Destination & { key: string })[],
  publishes: [] as (Publish & { drop: string | null; end: string | null })[],
  claims: [] as PublishClaim[],
  audit: [] as AuditEntry[],
  wanted: [] as string[],
  drops: [] as string[],
  warnings: [] as string[],
  etcdIsAway: false,
});

type State = ReturnType<typeof emptyState>;

const userStore = (state: State): UserStore => ({
  insert: async (user, entry) => {
    if (state.users.some(({ username }) => username === user.username)) throw new RigError("ALREADY_EXISTS", "taken");
    state.users.push(user);
    state.audit.push(entry);
  },
  find: async (key) => state.users.find(({ id, username }) => id === key || username === key) ?? null,
  list: async () => state.users,
  update: async (userId, { quota, ...change }, entries) => {
    const index = state.users.findIndex(({ id }) => id === userId);
    const user = state.users[index]!;
    state.users[index] = { ...user, ...change, quota: { ...user.quota, ...quota } };
    state.audit.push(...entries);
    return state.users[index];
  },
  remove: async (userId, entry) => {
    state.users = state.users.filter(({ id }) => id !== userId);
    state.audit.push(entry);
  },
});

const streamStore = (state: State): StreamStore => ({
  insert: async (stream, key, keyHash, entry) => {
    state.streams.push(stream);
    state.keys.push({ ...key, hash: keyHash.toString() });
    state.audit.push(entry);
  },
  find: async (streamId) => state.streams.find(({ id }) => id === streamId) ?? null,
  list: async (userId) =>
    state.streams
      .filter((stream) => userId === undefined || stream.userId === userId)
      .map((stream) => ({ ...stream, username: state.users.find(({ id }) => id === stream.userId)!.username })),
  replaceKeys: async (key, keyHash, entry) => {
    state.keys = state.keys.map((old) => (old.streamId === key.streamId ? { ...old, revokedAt: entry.at } : old));
    state.keys.push({ ...key, hash: keyHash.toString() });
    state.audit.push(entry);
  },
  remove: async (streamId, removedAt, entry) => {
    state.streams = state.streams.filter(({ id }) => id !== streamId);
    state.keys = state.keys.map((key) => (key.streamId === streamId ? { ...key, revokedAt: removedAt } : key));
    state.audit.push(entry);
  },
});

function destinationStore(state: State): DestinationStore {
  const raise = (streamId: string) => {
    const index = state.streams.findIndex(({ id }) => id === streamId);
    const stream = { ...state.streams[index]!, revision: state.streams[index]!.revision + 1 };
    state.streams[index] = stream;
    return stream.revision;
  };
  const bare = ({ key: _, ...destination }: Destination & { key: string }): Destination => destination;
  return {
    insert: async (destination, key, entry) => {
      state.destinations.push({ ...destination, key: key.open() });
      state.audit.push(entry);
      return raise(destination.streamId);
    },
    find: async (id) => state.destinations.filter((one) => one.id === id).map(bare)[0] ?? null,
    list: async (streamId) => state.destinations.filter((one) => one.streamId === streamId).map(bare),
    update: async (id, { retry, key, ...change }: { retry?: true; key?: Secret }, entry) => {
      const index = state.destinations.findIndex((one) => one.id === id);
      const old = state.destinations[index]!;
      const counter = retry ? { retrySeq: old.retrySeq + 1 } : { revision: old.revision + 1 };
      const changed = { ...old, ...change, ...counter, key: key?.open() ?? old.key };
      state.destinations[index] = changed;
      state.audit.push(entry);
      return { destination: bare(changed), streamRevision: raise(changed.streamId) };
    },
    remove: async (id, entry) => {
      const { streamId } = state.destinations.find((one) => one.id === id)!;
      state.destinations = state.destinations.filter((one) => one.id !== id);
      state.audit.push(entry);
      return raise(streamId);
    },
  };
}

const publishStore = (state: State): PublishStore => ({
  findByKeyHash: async (keyHash) => {
    const found = state.keys.find(({ hash }) => hash === keyHash.toString());
    if (!found) return null;
    const { hash: _, ...key } = found;
    const stream = state.streams.find(({ id }) => id === key.streamId)!;
    return { key, stream, user: state.users.find(({ id }) => id === stream.userId)! };
  },
  insert: async (publish, entry) => {
    state.publishes.push({ ...publish, drop: null, end: null });
    state.audit.push(entry);
  },
  recordRefusal: async (entry) => {
    state.audit.push(entry);
  },
  find: async (publishId) => {
    const publish = state.publishes.find(({ id }) => id === publishId);
    return publish ? { ...publish, isOpen: publish.end === null } : null;
  },
  close: async (publishId, reason, entry) => {
    const publish = state.publishes.find(({ id, end }) => id === publishId && end === null);
    if (!publish) return false;
    publish.end = reason;
    state.audit.push(entry);
    return true;
  },
  listSilent: async () => [],
  listOpen: async (userId) => state.publishes.filter((one) => one.userId === userId && one.end === null),
  requestDrop: async (publishId, reason, entry) => {
    const publish = state.publishes.find(({ id, end }) => id === publishId && end === null);
    if (!publish) return false;
    publish.drop ??= reason;
    state.audit.push(entry);
    return true;
  },
});
