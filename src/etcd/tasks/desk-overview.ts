import type { KindStatus, TaskOverview, TaskStatus, WorkerTally } from "../../domain/task-status.ts";
import type { Etcd } from "../client.ts";
import { fromJson } from "../json-value.ts";
import { kindsOf } from "./desk-kinds.ts";
import { listRunning } from "./desk-running.ts";
import { readWorker } from "./ready-tasks.ts";
import { instant, isKind } from "./task-status.ts";

const TALLIES_PAGE = 200; // of 5 KiB at most

/** What there is now; the counts are of one revision. */
export async function readOverview(etcd: Etcd): Promise<TaskOverview> {
  const { keys } = etcd;
  const [kinds, { running, revision }, paused, workers, tallies] = await Promise.all([
    kindsOf(etcd),
    listRunning(etcd),
    readPaused(etcd),
    etcd.list(keys.tasks.workers),
    readTallies(etcd),
  ]);
  const runs = countBy(running, ({ kind }) => kind);
  const runsOn = countBy(running, ({ workerId }) => workerId ?? "");
  const workedOn = [...tallies.values()].flatMap((tally) => Object.keys(tally.kinds));
  const all = [...new Set([...kinds, ...paused.keys(), ...workedOn])].sort();
  const counted = all.map(async (kind): Promise<KindStatus> => {
    const { tasksOf, readyOf, deadOf } = keys.tasks;
    const folders = [tasksOf(kind), readyOf(kind), deadOf(kind)];
    const [open = 0, indexed = 0, dead = 0] = await Promise.all(folders.map((folder) => etcd.count(folder, revision)));
    const here = runs.get(kind) ?? 0; // each of them has its place in the index too
    // Each open task has one place: those that are neither in the index nor dead are delayed, and need not be read.
    const [ready, delayed] = [indexed - here, open - indexed - dead].map((count) => Math.max(0, count));
    return { kind, ready: ready ?? 0, running: here, delayed: delayed ?? 0, dead, paused: paused.get(kind) ?? null };
  });
  return {
    kinds: await Promise.all(counted),
    running,
    workers: workers.entries.flatMap(({ key, value }) => {
      const worker = readWorker(etcd, key, value);
      const startedAt = instant(worker?.startedAt);
      if (!worker || startedAt === null) return [];
      const { workerId } = worker;
      return [{ ...worker, startedAt, running: runsOn.get(workerId) ?? 0, tally: tallies.get(workerId) ?? null }];
    }),
  };
}

async function readPaused({ keys, list }: Pick<Etcd, "keys" | "list">): Promise<Map<string, KindStatus["paused"]>> {
  const { entries } = await list(keys.tasks.allPaused);
  return new Map(
    entries.flatMap(({ key, value }) => {
      const record = fromJson(value);
      const [kind = ""] = keys.segments(key, keys.tasks.allPaused);
      const paused = { by: String(record?.by ?? "somebody"), at: instant(record?.at) ?? 0 };
      return isKind(kind) ? [[kind, paused]] : [];
    }),
  );
}

/** What each worker has ended so far, by its id; another hand's values are passed over. */
async function readTallies({ keys, list }: Pick<Etcd, "keys" | "list">): Promise<Map<string, WorkerTally>> {
  const { entries } = await list(keys.tasks.tallies, { pageKeys: TALLIES_PAGE });
  return new Map(
    entries.flatMap(({ key, value }) => {
      const [workerId = ""] = keys.segments(key, keys.tasks.tallies);
      const tally = readTally(value);
      return tally ? [[workerId, tally]] : [];
    }),
  );
}

function readTally(value: Buffer): WorkerTally | null {
  const record = fromJson(value);
  const at = instant(record?.at);
  if (at === null || typeof record?.kinds !== "object" || record.kinds === null) return null;
  const kinds = Object.entries(record.kinds).flatMap(([kind, ended]) => {
    const { done, failed } = (ended ?? {}) as Readonly<Record<string, unknown>>;
    return isKind(kind) && isCount(done) && isCount(failed) ? [[kind, { done, failed }] as const] : [];
  });
  return { at, kinds: Object.fromEntries(kinds) };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function countBy(statuses: readonly TaskStatus[], keyOf: (status: TaskStatus) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(keyOf(status), (counts.get(keyOf(status)) ?? 0) + 1);
  return counts;
}
