import type { Schedule } from "../services/fire-schedules.ts";

/** What the platform does by the clock. */
export const SCHEDULES: readonly Schedule[] = [
  {
    name: "sweep-orders",
    pattern: "* * * * *",
    timeZone: "UTC",
    lateMs: 60_000,
    order: { kind: "sweep-orders", payload: {}, policy: { maxAttempts: 1, retainMs: 0 } },
  },
];
