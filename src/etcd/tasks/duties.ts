import type { Log } from "../../domain/log.ts";
import type { TaskDuties } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { fromJson } from "../json-value.ts";
import { fireSchedule } from "./fire-schedule.ts";
import { dueMover } from "./move-due.ts";
import { commitOrPass } from "./passed-over.ts";
import { taskSweeper } from "./sweep.ts";

/** What the leader does for all. Each write compares what it read, so two leaders at once do no harm. */
export function etcdTaskDuties(etcd: Etcd, newToken: () => string, log: Log): TaskDuties {
  const commit = commitOrPass(etcd, log);
  return {
    moveDue: dueMover({ etcd, newToken, commit }),
    sweep: taskSweeper({ etcd, commit }),
    async mark(name) {
      const entry = await etcd.get(etcd.keys.tasks.schedule(name));
      if (!entry) return null;
      const at = fromJson(entry.value)?.at;
      return { at: Number.isSafeInteger(at) ? Number(at) : 0, version: entry.modRevision };
    },
    fire: (name, seen, { at, order }) => etcd.commit(fireSchedule(etcd, { name, seen, at, order, token: newToken() })),
  };
}
