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
  const look = async () => {
    for (const schedule of schedules) {
      const due = dueAt.get(schedule.name);
      if (due === null || (due !== undefined && due > clock.now())) continue;
      dueAt.set(schedule.name, await fireSchedule({ duties, next: nextInstant, clock, log }, schedule));
    }
  };
  await repeat({ everyMs: LOOK_MS, failure: "schedules not looked after", clock, log }, look, signal);
}
