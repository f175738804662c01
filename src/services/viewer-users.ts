import type { Clock } from "../domain/clock.ts";
import { isRigError, RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { User } from "../domain/user.ts";
import { FailureLog } from "./failure-log.ts";
import { sharedReads } from "./shared-reads.ts";

/** Users as viewer tokens look them up: at most 10 s old, or an hour while the database is away. */
export interface ViewerUsers {
  /**
   * By id or by username. Answers within 1 s; at once where the user is known and the database is known to be away.
   * @throws RigError USER_NOT_FOUND, NOT_CONFIGURED; DATABASE_UNREACHABLE or OVERLOADED for one that was never seen
   */
  find(idOrName: string): Promise<User>;
}

interface ViewerUsersPorts {
  /** Reads one user; null where there is none. */
  readonly read: (idOrName: string) => Promise<User | null>;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  readonly log: Pick<Log, "info" | "error">;
}

const FRESH_MS = 10_000;
const PATIENCE_MS = 900; // of a viewer who is to hear within 2 s, and whose token's store wants its time too
const PAUSE_MS = 5_000; // before a user is read again whom the database did not tell
const LAST_RESORT_MS = 3_600_000;
const MOST_KNOWN = 10_000;
const MOST_READS = 1_000;

/** A user as last read. */
interface Known {
  readonly user: User;
  readonly readAt: number;
  /** From when on the database is asked again. */
  readonly askAt: number;
}

/** Remembers the users that were read last, and reads each once at a time, however many ask. */
export function viewerUsers({ read, clock, log }: ViewerUsersPorts): ViewerUsers {
  const known = new Map<string, Known>();
  const failures = new FailureLog({ what: "look-ups of users for viewer tokens", clock, log });
  let isAway = false;
  const readOnce = sharedReads({ read, onAnswer: remember, clock, patienceMs: PATIENCE_MS, most: MOST_READS });

  function remember(idOrName: string, user: User | null, readAt: number): void {
    isAway = false;
    failures.worked();
    known.delete(idOrName);
    if (user === null) return;
    known.set(idOrName, { user, readAt, askAt: readAt + FRESH_MS });
    const [oldest] = known.keys();
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  }

  /** As the database tells, else as it last told; null where there is no such user. */
  async function readAnew(idOrName: string): Promise<User | null> {
    try {
      return await readOnce(idOrName);
    } catch (error) {
      if (!isRigError(error, "DATABASE_UNREACHABLE", "OVERLOADED")) throw error;
      isAway = true;
      failures.failed(error);
      const last = known.get(idOrName);
      if (last && mayServe(last)) return serve(idOrName, last);
      throw new RigError(error.code, "the user cannot be looked up now", { cause: error });
    }
  }

  const mayServe = ({ readAt }: Known): boolean => clock.monotonic() < readAt + LAST_RESORT_MS;

  function serve(idOrName: string, last: Known): User {
    known.set(idOrName, { ...last, askAt: Math.min(clock.monotonic() + PAUSE_MS, last.readAt + LAST_RESORT_MS) });
    return last.user;
  }

  return {
    async find(idOrName) {
      const last = known.get(idOrName);
      if (last && clock.monotonic() < last.askAt) return last.user;
      const reading = readAnew(idOrName);
      if (last && isAway && mayServe(last)) {
        reading.catch((error: unknown) => failures.failed(error)); // whoever asks next hears of it
        return serve(idOrName, last);
      }
      const user = await reading;
      if (user === null) throw new RigError("USER_NOT_FOUND", `no user ${JSON.stringify(idOrName)}`);
      return user;
    },
  };
}
