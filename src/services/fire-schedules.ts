import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { TaskOrder } from "../domain/task.ts";
import type { TaskDuties } from "./tasks.ts";

/** Work that comes again by the clock. */
export interface Schedule {
  readonly name: string;
  /** Five or six fields, as cron has them; the sixth, in front, is the second. */
  readonly pattern: string;
  /** An IANA name; a run that falls into the hour that a clock leaves out is run behind it. */
  readonly timeZone: string;
  /** A run that is later than this is left out; of several that were missed only the last is run. */
  readonly lateMs: number;
  readonly order: Omit<TaskOrder, "id">;
}

/** The first instant of a schedule behind another; null where there is none. @throws for a pattern that cannot be read */
export type NextInstant = (schedule: Pick<Schedule, "pattern" | "timeZone">, behind: number) => number | null;

interface FirePorts {
  readonly duties: Pick<TaskDuties, "mark" | "fire">;
  readonly next: NextInstant;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/**
 * Orders the run of one schedule where it is due, once whoever leads; answers when it is due next, null for never. The
 * first time a schedule is seen it counts from then on.
 */
export async function fireSchedule(
  { duties, next, clock, log }: FirePorts,
  { name, order, lateMs, ...when }: Schedule,
): Promise<number | null> {
  const now = clock.now();
  const mark = await duties.mark(name);
  if (mark === null) {
    await duties.fire(name, null, { at: now, order: null });
    return next(when, now);
  }
  if (mark.at > now + lateMs) {
    log.warn(
      { schedule: name, markedAt: mark.at },
      "a schedule was looked after by a clock that runs ahead; counting from now",
    );
    await duties.fire(name, mark, { at: now, order: null });
    return next(when, now);
  }
  const due = lastDue(mark.at, now, (behind) => next(when, behind));
  if (due === null) return next(when, Math.max(mark.at, now));
  const isLate = now - due > lateMs;
  if (isLate) log.warn({ schedule: name, dueAt: due }, "a run of a schedule was missed and is left out");
  const run = { ...order, id: `${name}@${due}` };
  const fired = await duties.fire(name, mark, { at: due, order: isLate ? null : run });
  // Where a task of that name is there already, the mark alone is moved on.
  if (!fired && !isLate) await duties.fire(name, mark, { at: due, order: null });
  return next(when, Math.max(due, now));
}

/** The last instant behind `mark` that has come; null for none. */
function lastDue(mark: number, now: number, next: (behind: number) => number | null): number | null {
  let due = next(mark);
  if (due === null || due > now) return null;
  // Of a long row of missed ones the last is wanted: begin near now, and go back further only where that finds none.
  for (let backMs = 60_000; now - backMs > mark; backMs *= 10) {
    const late = next(now - backMs);
    if (late === null || late > now) continue;
    due = late;
    break;
  }
  for (let later = next(due); later !== null && later <= now; later = next(due)) due = later;
  return due;
}
