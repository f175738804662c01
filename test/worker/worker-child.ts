import { openSync } from "node:fs";
import { join } from "node:path";
import { etcdClient } from "../../src/etcd/client.ts";
import { etcdElection } from "../../src/etcd/election.ts";
import { openProcessLease } from "../../src/etcd/process-lease.ts";
import { etcdTaskDuties } from "../../src/etcd/tasks/duties.ts";
import { EtcdReadyTasks } from "../../src/etcd/tasks/ready-tasks.ts";
import { etcdTaskClaims } from "../../src/etcd/tasks/task-claims.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { systemIds } from "../../src/runtime/ids.ts";
import type { TaskHandler } from "../../src/services/run-task.ts";
import { keepSchedules } from "../../src/worker/keep-schedules.ts";
import { TaskCounters } from "../../src/worker/task-counters.ts";
import { workTasks } from "../../src/worker/work-tasks.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";

/*
 * A worker in a process of its own: `endpoint prefix folder stopAt`. Its kind `effect` makes the file of its task's id in
 * the folder, once whoever tries. It waits for its death where `stopAt` says: before the effect, after it, or with the
 * end of the task already on its lips. It prints what happens, a line each.
 */
const [endpoint = "", prefix = "", folder = "", stopAt = ""] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const forEver = () => new Promise<never>(() => {});

const etcd = etcdClient({ endpoints: [endpoint], prefix });
const own = { processId: `child-${process.pid}`, ttlSeconds: 5, onNews: (news: string) => say(`lease ${news}`) };
const lease = await until(() => openProcessLease(etcd, own).catch(() => null)); // a busy machine may be late
const ready = new EtcdReadyTasks(etcd, { workerId: lease.processId, kinds: null, random: Math.random });
const claims = etcdTaskClaims(etcd, lease, ready);
const effect: TaskHandler = {
  kind: "effect",
  async run(_payload, { taskId, attempt }) {
    say(`runs ${taskId} try ${attempt}`);
    if (stopAt === "crash") process.kill(process.pid, "SIGKILL");
    if (stopAt === "before effect") await forEver();
    try {
      openSync(join(folder, taskId), "wx");
      say(`effect ${taskId}`);
    } catch {
      say(`found the effect of ${taskId}`);
    }
    if (stopAt === "after effect") await forEver();
    return attempt;
  },
};
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
const log = { ...silentLog };
const counters = new TaskCounters();
const working = workTasks(
  {
    ready,
    claims: {
      ...claims,
      async end(claimed, end, signal) {
        if (stopAt === "before ack") {
          say(`about to end ${claimed.task.id}`);
          await forEver();
        }
        const noted = await claims.end(claimed, end, signal);
        say(`${noted ? "ended" : "refused"} ${claimed.task.id} ${end.how}`);
        return noted;
      },
    },
    lease,
    handlers: new Map([[effect.kind, effect]]),
    concurrency: 4,
    counters,
    clock: systemClock,
    random: Math.random,
    log,
  },
  stop.signal,
);
const schedules = [
  {
    name: "every-second",
    pattern: "* * * * * *",
    timeZone: "UTC",
    lateMs: 60_000,
    order: { kind: "effect", payload: null, policy: { retainMs: 600_000 } },
  },
];
const leading =
  stopAt === "leader"
    ? etcdElection(etcd, lease).lead(
        "platform",
        async (signal) => {
          say("leads");
          const duties = etcdTaskDuties(etcd, systemIds.ulid, silentLog);
          await keepSchedules({ duties, schedules, clock: systemClock, log }, signal);
        },
        stop.signal,
      )
    : Promise.resolve();
say("works");
await Promise.all([working, leading]);
await lease.close();
await etcd.close();
say("stopped");
