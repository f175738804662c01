import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Secret } from "../domain/secret.ts";
import type { Stream, StreamKey } from "../domain/stream.ts";

/** Streams and stream keys in PostgreSQL. Every change is one transaction with its audit entry. */
export interface StreamStore {
  insert(stream: Stream, key: StreamKey, keyHash: Buffer, entry: AuditEntry): Promise<void>;
  find(streamId: string): Promise<Stream | null>;
  /** With the owner's username. All streams, or one user's. */
  list(userId?: string): Promise<(Stream & { username: string })[]>;
  /** Revokes all keys that the stream has and adds `key`. */
  replaceKeys(key: StreamKey, keyHash: Buffer, entry: AuditEntry): Promise<void>;
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
}
