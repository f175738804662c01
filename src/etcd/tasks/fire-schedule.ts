import { type TaskOrder, taskOf } from "../../domain/task.ts";
import type { CronMark } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { toJson } from "../json-value.ts";
import { absent, type Operation, put } from "../operation.ts";
import { enqueueSteps, plan } from "./enqueue.ts";

interface Firing {
  readonly name: string;
  readonly seen: CronMark | null;
  readonly at: number;
  /** Null where this instant's run is left out. */
  readonly order: TaskOrder | null;
  readonly token: string;
}

/** Advances a schedule's mark and enqueues its run, together: it fires neither twice nor never. */
export function fireSchedule(etcd: Etcd, { name, seen, at, order, token }: Firing): Operation<boolean> {
  const key = etcd.keys.tasks.schedule(name);
  const now = etcd.clock.now();
  const planned =
    order &&
    plan(
      etcd,
      taskOf(order, now, () => token),
      { dueAt: now, now, token, order },
    );
  const steps = planned ? enqueueSteps(planned) : { when: [], apply: [] };
  return {
    what: "fire a schedule",
    lane: "tasks",
    when: [seen ? { key, modRevision: seen.version } : absent(key), ...steps.when],
    apply: [put(key, toJson({ at, token })), ...steps.apply],
    answer: ({ succeeded }) => succeeded,
    settle: async (read) => {
      const entry = await read(key);
      if ((entry?.modRevision ?? 0) === (seen?.version ?? 0)) return { was: "not applied" };
      return { was: "applied", value: entry?.value.includes(`"${token}"`) ?? false };
    },
  };
}
