import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import { Deadlines } from "./deadlines.ts";

interface SharedReadsPorts<T> {
  readonly read: (key: string) => Promise<T>;
  /** Told of each answer, also of one that came too late, with when it was asked for. */
  readonly onAnswer: (key: string, answer: T, askedAt: number) => void;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  /** How long a read may take for those who wait. */
  readonly patienceMs: number;
  /** So many keys at once and no more. */
  readonly most: number;
}

/**
 * Reads of a database, one at a time of each key, however many ask. Who joins a read that hangs waits for what is left of
 * its time, and from then on not at all, until it has ended.
 * @throws RigError DATABASE_UNREACHABLE, OVERLOADED; what `read` throws
 */
export function sharedReads<T>({ read, onAnswer, clock, ...bounds }: SharedReadsPorts<T>): (key: string) => Promise<T> {
  const { patienceMs, most } = bounds;
  const running = new Map<string, Promise<T>>();
  const deadlines = new Deadlines(clock);

  const begin = (key: string): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const askedAt = clock.monotonic();
      const late = () => reject(new RigError("DATABASE_UNREACHABLE", `no answer within ${patienceMs} ms`));
      const clear = deadlines.set(patienceMs, late);
      const tell = (answer: T) => {
        onAnswer(key, answer, askedAt);
        resolve(answer);
      };
      const end = () => {
        clear();
        running.delete(key);
      };
      read(key).then(tell).catch(reject).finally(end);
    });
  return async (key) => {
    const joined = running.get(key);
    if (joined) return joined;
    if (running.size >= most) throw new RigError("OVERLOADED", `${most} reads are under way`);
    const begun = begin(key);
    running.set(key, begun);
    return begun;
  };
}
