import type { CallOptions } from "@grpc/grpc-js";
import type { Etcd3, IRangeRequest, IRangeResponse } from "etcd3";
import type { Clock } from "../domain/clock.ts";
import { isRigError, RigError } from "../domain/errors.ts";
import type { Deadlines } from "../services/deadlines.ts";
import { sendTxn } from "./byte-calls.ts";
import { awayHint, etcdError, fateOf, isMembersFault } from "./fate.ts";
import type { Members } from "./members.ts";
import type { Txn, TxnAnswer } from "./txn.ts";

/** Etcd's calls as they are, each with a deadline. What fails is etcd3's own error, except where it says RigError. */
export interface EtcdCalls {
  /** Once; the error's fate says what became of it. */
  txn(txn: Txn, deadlineMs: number): Promise<TxnAnswer>;
  /** @throws RigError ETCD_UNREACHABLE */
  range(request: IRangeRequest, deadlineMs?: number): Promise<IRangeResponse>;
  /** @throws RigError ETCD_UNREACHABLE */
  grantLease(ttlSeconds: number): Promise<{ leaseId: string }>;
  /** Safe to repeat: a lease that is gone is gone. @throws RigError ETCD_UNREACHABLE */
  revokeLease(leaseId: string): Promise<void>;
}

/** How long a call may take where nothing else is said: an etcd that elects a leader takes about a second. */
export const CALL_MS = 2_000;

interface Call<T> {
  readonly what: string;
  readonly deadlineMs: number;
  readonly once: (client: Etcd3, options: CallOptions) => Promise<T>;
}

/** Waits for `call` no longer than `ms`; the call itself goes on unheard. */
const answered = <T>(call: Promise<T>, deadlines: Deadlines, ms: number, late: () => RigError): Promise<T> =>
  new Promise((resolve, reject) => {
    const clear = deadlines.set(ms, () => reject(late()));
    call.then(resolve, reject).finally(clear);
  });

/** Calls over the members. One that never left this machine goes to the next at once. */
export function etcdCalls(members: Members, clock: Clock, deadlines: Deadlines): EtcdCalls {
  const late = (what: string, ms: number) =>
    new RigError("ETCD_UNREACHABLE", `etcd: ${what}: no answer within ${Math.round(ms)} ms`, {
      ...awayHint(members.endpoints),
    });

  async function tryOne<T>({ what, once }: Call<T>, ms: number): Promise<T> {
    const member = members.pick();
    const deadline = Date.now() + ms;
    try {
      const called = member.auth.run((options) => once(member.client, { ...options, deadline }));
      return await answered(called, deadlines, ms + GRACE_MS, () => late(what, ms));
    } catch (error) {
      if (isMembersFault(error)) members.suspect(member);
      throw error;
    }
  }

  async function tryAll<T>(call: Call<T>, mayRepeat: (error: unknown) => boolean, patienceMs: number): Promise<T> {
    const endsAt = clock.monotonic() + call.deadlineMs;
    for (let attempt = 1; ; attempt++) {
      const leftMs = endsAt - clock.monotonic();
      try {
        return await tryOne(call, Math.max(1, Math.min(leftMs, patienceMs)));
      } catch (error) {
        if (!mayRepeat(error) || attempt > members.size || clock.monotonic() >= endsAt) throw error;
      }
    }
  }

  /** For what may be done twice: each member gets its share of the deadline. Fails as a RigError that says what was tried. */
  async function repeatable<T>(call: Call<T>): Promise<T> {
    try {
      return await tryAll(call, isMembersFault, call.deadlineMs / members.size);
    } catch (error) {
      throw etcdError(call.what, error, members.endpoints);
    }
  }

  return {
    txn: (txn, deadlineMs) => {
      const once: Call<TxnAnswer>["once"] = (client, options) => sendTxn(client, txn, options);
      return tryAll({ what: "transaction", deadlineMs, once }, neverSent, deadlineMs);
    },
    range: (request, deadlineMs = CALL_MS) =>
      repeatable({ what: "read", deadlineMs, once: (client, options) => client.kv.range(request, options) }),
    async grantLease(ttlSeconds) {
      const lease = await repeatable({
        what: "grant a lease",
        deadlineMs: CALL_MS,
        // Granted twice, the first one runs out by itself.
        once: (client, options) => client.leaseClient.leaseGrant({ TTL: ttlSeconds, ID: 0 }, options),
      });
      return { leaseId: String(lease.ID) };
    },
    async revokeLease(leaseId) {
      const once: Call<unknown>["once"] = (client, options) => client.leaseClient.leaseRevoke({ ID: leaseId }, options);
      try {
        await repeatable({ what: "revoke a lease", deadlineMs: CALL_MS, once });
      } catch (error) {
        if (!isRigError(error, "LEASE_LOST")) throw error;
      }
    },
  };
}

const neverSent = (error: unknown): boolean => fateOf(error) === "not sent";

// gRPC ends a call at its deadline by itself; in process nobody does.
const GRACE_MS = 50;
