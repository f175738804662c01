import type { KindStatus, TaskOverview, TaskStatus } from "../../../src/domain/task-status.ts";

/** A kind that has nothing but what is named. */
export const someKind = (kind: string, counts: Partial<KindStatus> = {}): KindStatus => ({
  ...{ kind, ready: 0, running: 0, delayed: 0, dead: 0, paused: null },
  ...counts,
});

/** A running task of `edge-a:1`, begun at `startedAt`. */
export const someTask = (id: string, startedAt: number, change: Partial<TaskStatus> = {}): TaskStatus => ({
  ...{ id, kind: "mail", state: "running", priority: 5, attempt: 1, maxAttempts: 8 },
  ...{ dueAt: null, startedAt, endedAt: null, workerId: "edge-a:1", progress: null, reason: null },
  ...change,
});

/** Two kinds, one worker that has ended so many less than 1,000 mails, and two running tasks, as of `now`. */
export const someTasks = (now: number, before = 0): TaskOverview => ({
  kinds: [someKind("mail", { ready: 1204, running: 2, dead: 3 }), someKind("report", { delayed: 7 })],
  running: [
    someTask("01J0000000000000000000000A", now - 90_000, { progress: { percent: 40, note: "sending" } }),
    someTask("01J0000000000000000000000B", now - 5_000, { kind: "report", attempt: 2 }),
  ],
  workers: [
    {
      ...{ workerId: "edge-a:1", kinds: ["mail", "report"], concurrency: 16, startedAt: now - 3_600_000, running: 2 },
      tally: {
        at: now - before * 40,
        kinds: { mail: { done: 1_000 - before, failed: 0 }, report: { done: 0, failed: 100 - before / 10 } },
      },
    },
  ],
});
