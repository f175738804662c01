import { isRigError, RigError } from "../domain/errors.ts";
import type { PublishClaim, PublishClaims } from "../services/coordination.ts";
import { claimLeftovers } from "./claim-leftovers.ts";
import type { Etcd } from "./client.ts";
import { fromJson, toJson } from "./json-value.ts";
import { commitLeased, type LeasedOperation } from "./leased.ts";
import { absent, get, type KeyValue, type Operation, put, remove, unchanged } from "./operation.ts";
import type { ProcessLease } from "./process-lease.ts";

type Claimed = Awaited<ReturnType<PublishClaims["claim"]>>;
/** Claimed or not; or to be tried again over `entry`: our own claim on a lease of before or in another state, or nothing. */
type Attempt = Claimed | { claimed: "again"; entry: KeyValue | null };

// Each round loses against one write of the same key by somebody else; a stream has one encoder or two.
const ROUNDS = 5;

/**
 * Who publishes what, in etcd. A claim is repeated safely: one that this publish has already is claimed; one that hangs
 * on a lease of before is moved to the present one. A claim that was refused for want of an answer and lands after all,
 * and one whose release failed, is let go of later. Use one instance per process.
 */
export function etcdPublishClaims(etcd: Etcd, lease: ProcessLease): PublishClaims {
  const { keys } = etcd;
  const held = new Set<string>();
  const leftovers = claimLeftovers(lease, release);

  async function take(claim: PublishClaim): Promise<Claimed> {
    let present: KeyValue | null = null; // what our own claim stands over, as it was last read
    for (let round = 1; round <= ROUNDS; round++) {
      const attempt: Attempt = await commitLeased(etcd, lease, takeKey(keys.publish(claim.streamId), present, claim));
      if (attempt.claimed !== "again") return attempt;
      present = attempt.entry;
    }
    throw changesTooFast(claim.streamId);
  }

  async function release(streamId: string, publishId: string): Promise<void> {
    for (let round = 1; round <= ROUNDS; round++) {
      const entry = await etcd.get(keys.publish(streamId));
      if (!entry || readClaim(streamId, entry)?.publishId !== publishId) return;
      if (await etcd.commit(removeClaim(entry))) return;
    }
    throw changesTooFast(streamId);
  }

  return {
    async claim(claim) {
      leftovers.forget(claim.publishId);
      try {
        const answer = await take(claim);
        if (answer.claimed) held.add(claim.publishId);
        return answer;
      } catch (error) {
        const mayLand = isRigError(error, "ETCD_AMBIGUOUS") && !held.has(claim.publishId);
        if (mayLand) leftovers.doubtful(claim.streamId, claim.publishId);
        throw error;
      }
    },
    async release(streamId, publishId) {
      held.delete(publishId);
      try {
        await release(streamId, publishId);
      } catch (error) {
        leftovers.unreleased(streamId, publishId);
        throw error;
      }
    },
    async find(streamId) {
      const entry = await etcd.get(keys.publish(streamId));
      return entry && readClaim(streamId, entry);
    },
    async list() {
      const { entries } = await etcd.list(keys.publishes);
      return entries.flatMap((entry) => readClaimOf(etcd, entry) ?? []);
    },
  };
}

/** The claim that a key of `publishes/` holds; null for one that is none. */
export const readClaimOf = (etcd: Etcd, entry: KeyValue): PublishClaim | null =>
  readClaim(etcd.keys.segments(entry.key, etcd.keys.publishes)[0] ?? "", entry);

/** Removes a claim as it was read; false where it has changed since. */
export const removeClaim = (entry: KeyValue): Operation<boolean> => ({
  what: "release a stream",
  when: [unchanged(entry)],
  apply: [remove(entry.key)],
  otherwise: [get(entry.key)],
  answer: ({ succeeded, found }) => succeeded || found[0] === null,
  settle: async (read) => {
    const now = await read(entry.key);
    if (!now) return { was: "applied", value: true };
    return now.modRevision === entry.modRevision ? { was: "not applied" } : { was: "applied", value: false };
  },
});

/** Creates the claim where there is none; over `present`, which is our own, puts it on the present lease. */
const takeKey =
  (key: string, present: KeyValue | null, claim: PublishClaim) =>
  (leaseId: string): LeasedOperation<Attempt> => ({
    what: "claim a stream",
    when: [present ? unchanged(present) : absent(key)],
    apply: [put(key, writeClaim(claim), leaseId)],
    otherwise: [get(key)],
    answer: ({ succeeded, found }) => (succeeded ? { claimed: true } : judge(found[0] ?? null, claim, leaseId)),
    settle: (read) => settleClaim(read(key), claim, leaseId),
  });

async function settleClaim(reading: Promise<KeyValue | null>, claim: PublishClaim, leaseId: string) {
  const entry = await reading;
  const attempt = judge(entry, claim, leaseId);
  if (attempt?.claimed === true) return { was: "applied", value: attempt } as const;
  return { was: "not applied" } as const; // sent again: it wins, or its other branch reads who did
}

/** What the present value of the key means to somebody who wants `claim`. */
function judge(entry: KeyValue | null, claim: PublishClaim, leaseId: string): Attempt {
  if (!entry) return { claimed: "again", entry };
  const holder = readClaim(claim.streamId, entry);
  if (!holder) throw new RigError("CONFLICT", `etcd: ${entry.key} holds something that is no claim`);
  if (holder.publishId !== claim.publishId) return { claimed: false, holder };
  const stands = entry.leaseId === leaseId && holder.state === claim.state && holder.agentId === claim.agentId;
  return stands ? { claimed: true } : { claimed: "again", entry };
}

const writeClaim = ({ agentId, publishId, state }: PublishClaim): Buffer => toJson({ agentId, publishId, state });

function readClaim(streamId: string, { value }: KeyValue): PublishClaim | null {
  const { agentId, publishId, state } = fromJson(value) ?? {};
  if (typeof agentId !== "string" || typeof publishId !== "string") return null;
  return { streamId, agentId, publishId, state: state === "grace" ? "grace" : "live" };
}

const changesTooFast = (streamId: string): RigError =>
  new RigError("CONFLICT", `etcd: publishes/${streamId} changed ${ROUNDS} times in a row`);
