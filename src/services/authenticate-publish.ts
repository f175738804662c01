import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import { isRigError, RigError } from "../domain/errors.ts";
import type { PublishClaims } from "./coordination.ts";
import type { TargetStore } from "./destinations.ts";
import type { Ids, Sha256 } from "./ids.ts";
import type { PublishAttempt, PublishGrant, PublishStore, StreamKeyOwner } from "./publishes.ts";

export interface AuthenticatePorts {
  readonly publishes: Pick<PublishStore, "findByKeyHash" | "insert" | "recordRefusal">;
  readonly targets: TargetStore;
  readonly claims: Pick<PublishClaims, "find">;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "ulid">;
  readonly sha256: Sha256;
}

/**
 * Decides on a publish, before a byte of media is taken; either way one audit entry.
 * @throws RigError with a RefusalCode
 */
export async function authenticatePublish(
  ports: AuthenticatePorts,
  attempt: PublishAttempt,
  actor: Actor,
): Promise<PublishGrant> {
  const { publishes, clock, sha256 } = ports;
  const owner = await publishes.findByKeyHash(sha256(attempt.streamKey.open()));
  try {
    return await accept(ports, attempt, mayPublish(owner, clock.now()), actor);
  } catch (error) {
    if (isRigError(error) && !isRigError(error, "DATABASE_UNREACHABLE"))
      // with PostgreSQL away there is no trail to write to
      await publishes.recordRefusal(refusal(attempt, owner, error, clock.now(), actor));
    throw error;
  }
}

/** @throws RigError STREAM_KEY_UNKNOWN, STREAM_KEY_REVOKED, STREAM_KEY_EXPIRED, USER_DISABLED */
function mayPublish(owner: StreamKeyOwner | null, now: number): StreamKeyOwner {
  if (!owner) throw new RigError("STREAM_KEY_UNKNOWN", "no stream has this stream key");
  const { key, user } = owner;
  if (key.revokedAt !== null) throw new RigError("STREAM_KEY_REVOKED", "the stream key was revoked");
  if (key.expiresAt !== null && key.expiresAt <= now)
    throw new RigError("STREAM_KEY_EXPIRED", "the stream key has expired");
  if (user.disabledAt !== null) throw new RigError("USER_DISABLED", "the user is disabled");
  return owner;
}

async function accept(
  { publishes, targets, claims, clock, ids }: AuthenticatePorts,
  { agentId, clientAddress }: PublishAttempt,
  { user, stream, key }: StreamKeyOwner,
  actor: Actor,
): Promise<PublishGrant> {
  const holder = await claims.find(stream.id);
  if (holder?.state === "live") throw new RigError("STREAM_IN_USE", "the stream is already live");

  const at = clock.now();
  const publish = { id: ids.ulid(), streamId: stream.id, streamKeyId: key.id, userId: user.id, agentId, startedAt: at };
  const detail = { streamId: stream.id, userId: user.id, agentId, clientAddress };
  // the targets first: once the row stands, the answer must not fail
  const present = await targets.targets(stream.id);
  await publishes.insert(publish, { at, actor, action: "publish.accept", subject: publish.id, detail });
  return {
    ...{ publishId: publish.id, streamId: stream.id, userId: user.id },
    ...present,
    ...{ creditUntilSeconds: null, creditSeq: 0 },
  };
}

/** On the stream where it is known, else on the agent; the stream key is no part of it. */
const refusal = (
  { agentId, clientAddress }: PublishAttempt,
  owner: StreamKeyOwner | null,
  { code }: RigError,
  at: number,
  actor: Actor,
): AuditEntry => ({
  at,
  actor,
  action: "publish.refuse",
  subject: owner?.stream.id ?? agentId,
  detail: { code, agentId, clientAddress, userId: owner?.user.id ?? null },
});
