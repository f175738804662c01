import { createHash } from "node:crypto";
import { ulid } from "ulid";
import type { Database } from "../../src/db/database.ts";
import { publishStore } from "../../src/db/publishes.ts";
import { streamStore } from "../../src/db/streams.ts";
import { userStore } from "../../src/db/users.ts";
import type { AuditEntry } from "../../src/domain/audit.ts";
import type { StreamKey } from "../../src/domain/stream.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import type { Publish } from "../../src/services/publishes.ts";

export const AT = Date.UTC(2026, 10, 22, 12);

export const entry = (action: string, subject: string): AuditEntry => ({
  at: AT,
  actor: { kind: "system", id: "test" },
  action,
  subject,
  detail: { reason: "test", count: 1, nothing: null },
});

export const hashOf = (streamKey: string): Buffer => createHash("sha256").update(streamKey).digest();

export const keyOf = (streamId: string): StreamKey => ({
  id: ulid(),
  streamId,
  label: "first",
  createdAt: AT,
  expiresAt: null,
  revokedAt: null,
});

/** A user with one stream and one stream key, `streamKey`. */
export async function seedStream(database: Database, username = `u${ulid().toLowerCase()}`) {
  const user = { id: ulid(), username, email: "a@example.org", disabledAt: null, quota: NO_QUOTA, createdAt: AT };
  await userStore(database).insert(user, entry("user.add", user.id));
  const stream = { id: ulid(), userId: user.id, title: "Show", createdAt: AT, revision: 0 };
  const key = keyOf(stream.id);
  const streamKey = ulid();
  await streamStore(database).insert(stream, key, hashOf(streamKey), entry("stream.add", stream.id));
  return { user, stream, key, streamKey };
}

/** An open publish of that stream. */
export async function seedPublish(
  database: Database,
  { user, stream, key }: Awaited<ReturnType<typeof seedStream>>,
  agentId = "edge-1",
): Promise<Publish> {
  const publish = { id: ulid(), streamId: stream.id, streamKeyId: key.id, userId: user.id, agentId, startedAt: AT };
  await publishStore(database).insert(publish, entry("publish.accept", publish.id));
  return publish;
}
