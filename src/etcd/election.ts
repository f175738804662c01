import { ERRORS, isRigError } from "../domain/errors.ts";
import type { Election } from "../services/coordination.ts";
import type { Etcd } from "./client.ts";
import { DutySeat, leaveSeat, takeSeat } from "./duty-seat.ts";
import { commitLeased } from "./leased.ts";
import type { ProcessLease } from "./process-lease.ts";

const LOOK_MS = 250; // how late a leader notices that its lease is in doubt, of the 2 s before etcd lets go
const CANDIDATE_MS = 2_000; // in case the news of a vacancy went astray
const AFTER_TERM_MS = 1_000; // lets another have it, and keeps work that ends at once from spinning

/**
 * Elections on the process's lease. A term ends when the lease is in doubt, when the key is gone, or with `signal`; it is
 * over two seconds before etcd could give the duty to another.
 */
export function etcdElection(etcd: Etcd, lease: ProcessLease): Election {
  return {
    async lead(duty, work, signal) {
      const seat = new DutySeat(etcd, etcd.keys.leader(duty));
      const following = seat.follow(signal);
      try {
        while (!signal.aborted) {
          const term = await take(etcd, lease, seat);
          if (term === null) await seat.news(CANDIDATE_MS, signal);
          else {
            await serve({ etcd, lease, seat, term, work, signal });
            await etcd.clock.sleep(AFTER_TERM_MS, signal);
          }
        }
      } finally {
        await following.end();
      }
    },
  };
}

/** Takes the seat; null where another has it or etcd does not answer. */
async function take(etcd: Etcd, lease: ProcessLease, seat: DutySeat): Promise<number | null> {
  if (seat.taken) return null;
  try {
    return await commitLeased(etcd, lease, takeSeat(seat.key, lease.token()));
  } catch (error) {
    if (mayPass(error)) return null; // etcd is away, or the lease is lost: another look later
    throw error;
  }
}

interface Term {
  readonly etcd: Etcd;
  readonly lease: ProcessLease;
  readonly seat: DutySeat;
  /** The revision at which the seat was taken. */
  readonly term: number;
  readonly work: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Runs `work` until it ends, the term ends, or `signal` aborts; then gives the seat back. */
async function serve({ etcd, lease, seat, term, work, signal }: Term): Promise<void> {
  const serving = new AbortController();
  const end = () => serving.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const guarding = endWithTheTerm(lease, seat, term, serving);
  try {
    await work(serving.signal);
  } catch (error) {
    if (!mayPass(error)) throw error; // what a neighbour's absence broke is done again in the next term
  } finally {
    signal.removeEventListener("abort", end);
    end();
    await guarding;
    // Where etcd is away the seat falls free with the lease.
    await etcd.commit(leaveSeat({ key: seat.key, modRevision: term })).catch(() => {});
  }
}

async function endWithTheTerm(
  lease: ProcessLease,
  seat: DutySeat,
  term: number,
  serving: AbortController,
): Promise<void> {
  while (!serving.signal.aborted) {
    if (!lease.isSure() || seat.lostSince(term)) return serving.abort();
    await seat.news(LOOK_MS, serving.signal);
  }
}

const mayPass = (error: unknown): boolean => isRigError(error) && ERRORS[error.code].retryable;
