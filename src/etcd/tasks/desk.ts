import { RigError } from "../../domain/errors.ts";
import { checkKind } from "../../domain/task.ts";
import type { TaskBoard, TaskMoves } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { findTask } from "./desk-finding.ts";
import { listTasks } from "./desk-listing.ts";
import { askToCancel, makeReadyNow, removeTask } from "./desk-moving.ts";
import { readOverview } from "./desk-overview.ts";
import { pauseKind, resumeKind } from "./desk-pausing.ts";
import { showTask } from "./desk-showing.ts";
import { pagesOf } from "./pages.ts";
import { endedStatus } from "./task-status.ts";

const ROUNDS = 5; // each is lost against a worker, or the leader, that moves the same task
const DEAD_PAGE = 100;

/** What operators see of the tasks in one etcd. */
export const etcdTaskBoard = (etcd: Etcd): TaskBoard => ({
  list: (choice) => listTasks(etcd, choice),
  show: (taskId) => showTask(etcd, taskId),
  overview: () => readOverview(etcd),
});

/** What operators do to the tasks in one etcd. */
export function etcdTaskMoves(etcd: Etcd, newToken: () => string): TaskMoves {
  const { keys, clock } = etcd;

  async function cancelOnce(taskId: string, by: string): Promise<"cancelled" | "asked" | null> {
    const found = await findTask(etcd, taskId);
    if (found.state === "over") throw notAllowed(taskId, `is ${endedStatus(keys, found.result)?.state ?? "over"}`);
    const cancelling = { by, at: clock.now(), token: newToken() };
    if (found.state === "running" && found.claim) {
      const asked = await etcd.get(keys.tasks.cancel(taskId));
      const asking = { claim: found.claim, taskId, asked };
      return (await etcd.commit(askToCancel(etcd, asking, cancelling))) ? "asked" : null;
    }
    return (await etcd.commit(removeTask(etcd, found, cancelling))) ? "cancelled" : null;
  }

  async function retryOnce(taskId: string): Promise<true | null> {
    const found = await findTask(etcd, taskId);
    if (found.state === "over") throw notAllowed(taskId, `is ${endedStatus(keys, found.result)?.state ?? "over"}`);
    if (found.state === "ready" || found.state === "running") throw notAllowed(taskId, `is ${found.state} already`);
    const operation = makeReadyNow(etcd, found.index, newToken());
    if (!operation) throw notAllowed(taskId, "has an unreadable record");
    return (await etcd.commit(operation)) || null;
  }

  return {
    cancel: (taskId, by) => inRounds(taskId, () => cancelOnce(taskId, by)),
    async retry(taskId) {
      await inRounds(taskId, () => retryOnce(taskId));
    },
    async redrive(kind) {
      if (kind !== null) checkKind(kind);
      let moved = 0;
      const folder = kind === null ? keys.tasks.allDead : keys.tasks.deadOf(kind);
      for await (const page of pagesOf(etcd, folder, { limit: DEAD_PAGE })) {
        const operations = page.flatMap((entry) => makeReadyNow(etcd, entry, newToken()) ?? []);
        const done = await Promise.all(operations.map((operation) => etcd.commit(operation)));
        moved += done.filter(Boolean).length;
      }
      return moved;
    },
    pause: (kind, by) => pauseKind(etcd, kind, by, newToken()),
    resume: (kind) => resumeKind(etcd, kind),
  };
}

const notAllowed = (taskId: string, why: string): RigError => new RigError("CONFLICT", `task ${taskId} ${why}`);

/** Tries again where the task moved between looking and changing. */
async function inRounds<T>(taskId: string, once: () => Promise<T | null>): Promise<T> {
  for (let round = 1; round <= ROUNDS; round++) {
    const done = await once();
    if (done !== null) return done;
  }
  throw new RigError("CONFLICT", `task ${taskId} moved ${ROUNDS} times meanwhile: try again`);
}
