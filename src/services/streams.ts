import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { DropReason } from "../domain/publish.ts";
import { Secret } from "../domain/secret.ts";
import { checkTitle, type Stream, type StreamKey } from "../domain/stream.ts";
import type { PublishClaims } from "./coordination.ts";
import type { Ids, Sha256 } from "./ids.ts";
import type { DropRequests, PublishStore } from "./publishes.ts";
import type { UserStore } from "./users.ts";

/** Streams and stream keys in PostgreSQL. Every change is one transaction with its audit entry. */
export interface StreamStore {
  insert(stream: Stream, key: StreamKey, keyHash: Buffer, entry: AuditEntry): Promise<void>;
  find(streamId: string): Promise<Stream | null>;
  /** With the owner's username. All streams, or one user's. */
  list(userId?: string): Promise<(Stream & { username: string })[]>;
  /** Revokes all keys that the stream has and adds `key`. */
  replaceKeys(key: StreamKey, keyHash: Buffer, entry: AuditEntry): Promise<void>;
  /** Hides the stream, revokes its keys and removes its destinations; usage stays. */
  remove(streamId: string, removedAt: number, entry: AuditEntry): Promise<void>;
}

/** The use cases on streams, as routes and commands call them. */
export interface Streams {
  /** The stream key is in this answer and nowhere else ever again. */
  add(input: { user: string; title: string }, actor: Actor): Promise<{ stream: Stream; streamKey: Secret }>;
  list(user?: string): Promise<(Stream & { username: string })[]>;
  /** @throws RigError STREAM_NOT_FOUND */
  get(streamId: string): Promise<Stream>;
  /** New key; the old ones are revoked and a publish that uses one is dropped. */
  rotateKey(streamId: string, actor: Actor): Promise<{ streamKey: Secret }>;
  /** Disconnects the publisher. False where the stream is not live. */
  drop(streamId: string, actor: Actor): Promise<boolean>;
  /** Removes the stream with its keys and destinations, and drops its publish. Its usage still counts. */
  remove(streamId: string, actor: Actor): Promise<void>;
}

export interface StreamPorts {
  readonly streams: StreamStore;
  readonly users: Pick<UserStore, "find">;
  readonly publishes: Pick<PublishStore, "requestDrop">;
  readonly claims: Pick<PublishClaims, "find">;
  readonly drops: DropRequests;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
  readonly log: Log;
}

/** The use cases on streams over their store. */
export function streamService(ports: StreamPorts): Streams {
  const { streams, users, publishes, claims, drops, clock, ids, sha256, log } = ports;

  const ownerOf = async (idOrName: string) => {
    const user = await users.find(idOrName);
    if (!user) throw new RigError("USER_NOT_FOUND", `no user ${JSON.stringify(idOrName)}`);
    return user;
  };
  const get = async (streamId: string): Promise<Stream> => {
    const stream = await streams.find(streamId);
    if (!stream) throw new RigError("STREAM_NOT_FOUND", `no stream ${JSON.stringify(streamId)}`);
    return stream;
  };
  const newKey = (streamId: string, at: number) => {
    const streamKey = new Secret(ids.streamKey());
    const key: StreamKey = {
      id: ids.ulid(),
      streamId,
      label: "default",
      createdAt: at,
      expiresAt: null,
      revokedAt: null,
    };
    return { streamKey, key, keyHash: sha256(streamKey.open()) };
  };
  /** False where it is not live; where etcd is away the drop comes with the next usage report. */
  const dropQuickly = (streamId: string, reason: DropReason): Promise<boolean> =>
    drops.drop(streamId, reason).catch((error: unknown) => {
      log.warn({ streamId, reason, err: error }, "drop comes with the next usage report");
      return false;
    });

  return {
    get,
    list: async (user) => streams.list(user === undefined ? undefined : (await ownerOf(user)).id),
    async add({ user, title }, actor) {
      const at = clock.now();
      const { id: userId } = await ownerOf(user);
      const stream = { id: ids.ulid(), userId, title: checkTitle(title), createdAt: at, revision: 1 };
      const { streamKey, key, keyHash } = newKey(stream.id, at);
      const entry = { at, actor, action: "stream.add", subject: stream.id, detail: { userId, title } };
      await streams.insert(stream, key, keyHash, entry);
      return { stream, streamKey };
    },
    async rotateKey(streamId, actor) {
      const at = clock.now();
      await get(streamId);
      const { streamKey, key, keyHash } = newKey(streamId, at);
      const entry = { at, actor, action: "stream.rotate-key", subject: streamId, detail: { streamKeyId: key.id } };
      await streams.replaceKeys(key, keyHash, entry);
      await dropQuickly(streamId, "stream key revoked");
      return { streamKey };
    },
    async drop(streamId, actor) {
      await get(streamId);
      const claim = await claims.find(streamId);
      if (!claim) return false;
      const { publishId } = claim;
      const entry = { at: clock.now(), actor, action: "stream.drop", subject: streamId, detail: { publishId } };
      const noted = await publishes.requestDrop(publishId, "operator", entry);
      return (await dropQuickly(streamId, "operator")) || noted;
    },
    async remove(streamId, actor) {
      const at = clock.now();
      const { title } = await get(streamId);
      await streams.remove(streamId, at, { at, actor, action: "stream.remove", subject: streamId, detail: { title } });
      await dropQuickly(streamId, "stream removed");
    },
  };
}
