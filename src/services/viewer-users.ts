import type { Clock } from "../domain/clock.ts";
import { isRigError, RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { User } from "../domain/user.ts";
import { Deadlines } from "./deadlines.ts";
import { FailureLog } from "./failure-log.ts";

/** Users as viewer tokens look them up: at most 10 s old, or an hour while the database is away. */
export interface ViewerUsers {
  /**
   * By id or by username. Answers within 1 s, at once while the database is away and the user was seen before.
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
  const reads = new Map<string, Promise<User | null>>();
  const deadlines = new Deadlines(clock);
  const failures = new FailureLog({ what: "look-ups of users for viewer tokens", clock, log });

  function remember(idOrName: string, user: User | null, readAt: number): void {
    failures.worked();
    known.delete(idOrName);
    if (user === null) return;
    known.set(idOrName, { user, readAt, askAt: readAt + FRESH_MS });
    const [oldest] = known.keys();
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  }

  /** The read that runs, or a new one. Who asks late in a read that hangs hears soon. */
  function readOnce(idOrName: string): Promise<User | null> {
    const running = reads.get(idOrName);
    if (running) return running;
    if (reads.size >= MOST_READS) throw new RigError("OVERLOADED", "too many users are being looked up");
    const beganAt = clock.monotonic();
    const answer = new Promise<User | null>((resolve, reject) => {
      const late = () => new RigError("DATABASE_UNREACHABLE", `no answer within ${PATIENCE_MS} ms`);
      const clear = deadlines.set(PATIENCE_MS, () => reject(late()));
      const told = (user: User | null) => {
        remember(idOrName, user, beganAt);
        resolve(user);
      };
      const end = () => {
        clear();
        reads.delete(idOrName);
      };
      read(idOrName).then(told).catch(reject).finally(end);
    });
    reads.set(idOrName, answer);
    return answer;
  }

  /** What is known of the user, where the database cannot tell more. */
  function lastKnown(idOrName: string, error: unknown): User {
    if (!isRigError(error, "DATABASE_UNREACHABLE", "OVERLOADED")) throw error;
    failures.failed(error);
    const [last, now] = [known.get(idOrName), clock.monotonic()];
    if (last === undefined || now >= last.readAt + LAST_RESORT_MS)
      throw new RigError(error.code, "the user cannot be looked up now", { cause: error });
    known.set(idOrName, { ...last, askAt: Math.min(now + PAUSE_MS, last.readAt + LAST_RESORT_MS) });
    return last.user;
  }

  return {
    async find(idOrName) {
      const last = known.get(idOrName);
      if (last && clock.monotonic() < last.askAt) return last.user;
      let user: User | null;
      try {
        user = await readOnce(idOrName);
      } catch (error) {
        return lastKnown(idOrName, error);
      }
      if (user === null) throw new RigError("USER_NOT_FOUND", `no user ${JSON.stringify(idOrName)}`);
      return user;
    },
  };
}
