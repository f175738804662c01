import { Cron } from "croner";
import type { NextInstant } from "../services/fire-schedules.ts";

/** Instants of cron patterns in their time zones. */
export const nextInstant: NextInstant = ({ pattern, timeZone }, behind) =>
  new Cron(pattern, { timezone: timeZone, paused: true }).nextRun(new Date(behind))?.getTime() ?? null;
