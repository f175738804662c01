import type { CallOptions } from "@grpc/grpc-js";
import type { Etcd3, ILeaseGrantResponse, IRangeRequest, IRangeResponse, ITxnRequest, ITxnResponse } from "etcd3";
import type { Clock } from "../domain/clock.ts";
import { isRigError } from "../domain/errors.ts";
import type { Deadlines } from "./deadlines.ts";
import { etcdError, fateOf, grpcCode } from "./fate.ts";

/** Etcd's calls as they are, each with a deadline. What fails is etcd3's own error, except where it says RigError. */
export interface EtcdCalls {
  /** Once; the error's fate says what became of it. */
  txn(request: ITxnRequest, deadlineMs: number): Promise<ITxnResponse>;
  /** @throws RigError ETCD_UNREACHABLE */
  range(request: IRangeRequest, deadlineMs?: number): Promise<IRangeResponse>;
  /** @throws RigError ETCD_UNREACHABLE */
  grantLease(ttlSeconds: number): Promise<{ leaseId: string }>;
  /** Safe to repeat: a lease that is gone is gone. @throws RigError ETCD_UNREACHABLE */
  revokeLease(leaseId: string): Promise<void>;
}

/** How long a call may take where nothing else is said: an etcd that elects a leader takes about a second. */
export const CALL_MS = 2_000;

type OneCall<T> = (options: CallOptions) => Promise<T>;

/** Calls over `client`; one that never left this machine goes to the next member at once, so does a read that broke. */
export function etcdCalls(client: Etcd3, clock: Clock, deadlines: Deadlines, memberCount: number): EtcdCalls {
  async function call<T>(what: string, deadlineMs: number, once: OneCall<T>, mayRepeat = neverSent): Promise<T> {
    const endsAt = clock.monotonic() + deadlineMs;
    for (let attempt = 1; ; attempt++) {
      const leftMs = Math.max(1, endsAt - clock.monotonic());
      try {
        return await deadlines.within(once({ deadline: Date.now() + leftMs }), leftMs + GRACE_MS, what);
      } catch (error) {
        if (!mayRepeat(error) || attempt > memberCount) throw error;
      }
    }
  }
  return {
    txn: (request, deadlineMs) => call("transaction", deadlineMs, (options) => client.kv.txn(request, options)),
    range: (request, deadlineMs = CALL_MS) =>
      named("read", () => call("read", deadlineMs, (options) => client.kv.range(request, options), broken)),
    async grantLease(ttlSeconds) {
      // Granted twice, the first lease runs out by itself: it may be repeated.
      const grant: OneCall<ILeaseGrantResponse> = (options) =>
        client.leaseClient.leaseGrant({ TTL: ttlSeconds, ID: 0 }, options);
      const lease = await named("grant a lease", () => call("grant a lease", CALL_MS, grant, broken));
      return { leaseId: String(lease.ID) };
    },
    async revokeLease(leaseId) {
      const revoke: OneCall<unknown> = (options) => client.leaseClient.leaseRevoke({ ID: leaseId }, options);
      try {
        await named("revoke a lease", () => call("revoke a lease", CALL_MS, revoke, broken));
      } catch (error) {
        if (!isRigError(error, "LEASE_LOST")) throw error;
      }
    },
  };
}

/** Fails as a RigError that says what was tried. */
async function named<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw etcdError(what, error);
  }
}

const neverSent = (error: unknown): boolean => fateOf(error) === "not sent";
const broken = (error: unknown): boolean => neverSent(error) || grpcCode(error) === UNAVAILABLE;
const UNAVAILABLE = 14;

// gRPC ends a call at its deadline by itself; in process nobody does, and a lost token call has no end either.
const GRACE_MS = 50;
