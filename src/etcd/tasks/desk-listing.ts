import { checkKind, type TaskState } from "../../domain/task.ts";
import type { TaskStatus } from "../../domain/task-status.ts";
import type { TaskChoice } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { listRunning } from "./desk-running.ts";
import { pagesOf } from "./pages.ts";
import { deadStatus, delayedStatus, endedStatus, readyStatus } from "./task-status.ts";

const RESULTS_PAGE = 100; // of 16 KiB at most: 1.6 MiB an answer

type Board = Pick<Etcd, "keys" | "list" | "page">;
type Wanted = Pick<TaskChoice, "kind" | "state">;

/** Reads folder after folder until there are enough; each folder only where its states are asked for. */
export async function listTasks(etcd: Board, { limit, ...wanted }: TaskChoice): Promise<TaskStatus[]> {
  if (wanted.kind !== null) checkKind(wanted.kind);
  const found: TaskStatus[] = [];
  for (const { states, read } of FOLDERS) {
    if (wanted.state !== null && !states.includes(wanted.state)) continue;
    for await (const statuses of read(etcd, wanted)) {
      for (const status of statuses) if (isWanted(status, wanted)) found.push(status);
      if (found.length >= limit) return found.slice(0, limit);
    }
  }
  return found;
}

const isWanted = (status: TaskStatus, { kind, state }: Wanted): boolean =>
  (kind === null || status.kind === kind) && (state === null || status.state === state);

interface Folder {
  readonly states: readonly TaskState[];
  read(etcd: Board, wanted: Wanted): AsyncIterable<readonly TaskStatus[]>;
}

/** In the order of a list. */
const FOLDERS: readonly Folder[] = [
  { states: ["running"], read: readRunning },
  { states: ["ready"], read: readReady },
  { states: ["delayed"], read: readDelayed },
  { states: ["dead"], read: readDead },
  { states: ["done", "cancelled"], read: readEnded },
];

async function* readRunning(etcd: Board) {
  yield (await listRunning(etcd)).running;
}

/** Claimed ones whose claim has gone count: their worker died. */
async function* readReady(etcd: Board, { kind }: Wanted) {
  const { keys } = etcd;
  const { running } = await listRunning(etcd);
  const runs = new Set(running.map(({ id }) => id));
  for await (const page of pagesOf(etcd, kind === null ? keys.tasks.allReady : keys.tasks.readyOf(kind)))
    yield page.flatMap((entry) => {
      const ready = readyStatus(keys, entry);
      return ready && !(ready.claimed && runs.has(ready.status.id)) ? [ready.status] : [];
    });
}

/** Their keys begin with the instant: those of one kind are found among all. */
async function* readDelayed({ keys, page }: Board) {
  for await (const entries of pagesOf({ page }, keys.tasks.allDelayed))
    yield entries.flatMap((entry) => delayedStatus(keys, entry) ?? []);
}

async function* readDead({ keys, page }: Board, { kind }: Wanted) {
  for await (const entries of pagesOf({ page }, kind === null ? keys.tasks.allDead : keys.tasks.deadOf(kind)))
    yield entries.flatMap((entry) => deadStatus(keys, entry) ?? []);
}

async function* readEnded({ keys, page }: Board) {
  for await (const entries of pagesOf({ page }, keys.tasks.results, { limit: RESULTS_PAGE }))
    yield entries.flatMap((entry) => endedStatus(keys, entry) ?? []);
}
