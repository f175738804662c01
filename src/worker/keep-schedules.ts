import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { repeat } from "../runtime/repeat.ts";
import { fireSchedule, type Schedule } from "../services/fire-schedules.ts";
import type { TaskDuties } from "../services/tasks.ts";
import { nextInstant } from "./next-instant.ts";
import { SCHEDULES } from "./schedules.ts";

const LOOK_MS = 1_000;

interface SchedulePorts {
  readonly duties: TaskDuties;
  readonly schedules?: readonly Schedule[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Fires each schedule when it is due, until aborted. Resolves after the last one has been looked at; never rejects. */
export async function keepSchedules(
  { duties, schedules = SCHEDULES, clock, log }: SchedulePorts,
  signal: AbortSignal,
): Promise<void> {
  const dueAt = new Map<string, number | null>(); // a schedule that was never looked at is looked at now
  const lookAt = async (schedule: Schedule) => {
    const due = dueAt.get(schedule.name);
    if (due === null || (due !== undefined && due > clock.now())) return;
    dueAt.set(schedule.name, await fireSchedule({ duties, next: nextInstant, clock, log }, schedule));
  };
  /** Each for itself: one that cannot be fired stops no other. */
  const look = async () => {
    const looks = await Promise.allSettled(schedules.map(lookAt));
    for (const each of looks) if (each.status === "rejected") throw each.reason;
  };
  await repeat({ everyMs: LOOK_MS, failure: "schedules not looked after", clock, log }, look, signal);
}
