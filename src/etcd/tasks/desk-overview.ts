import type { KindStatus, TaskOverview, TaskStatus } from "../../domain/task-status.ts";
import type { Etcd } from "../client.ts";
import { fromJson } from "../json-value.ts";
import { kindsOf } from "./desk-kinds.ts";
import { listRunning } from "./desk-running.ts";
import { pagesOf } from "./pages.ts";
import { readWorker } from "./ready-tasks.ts";
import { delayPlace } from "./task-status.ts";

const KEYS_PAGE = 5_000; // without values

/** What there is now. Counts of one kind are of one revision; delayed tasks are counted key by key, all kinds together. */
export async function readOverview(etcd: Etcd): Promise<TaskOverview> {
  const { keys } = etcd;
  const [kinds, { running, revision }, delayed, paused, workers] = await Promise.all([
    kindsOf(etcd),
    listRunning(etcd),
    countDelayed(etcd),
    readPaused(etcd),
    etcd.list(keys.tasks.workers),
  ]);
  const runs = countBy(running, ({ kind }) => kind);
  const runsOn = countBy(running, ({ workerId }) => workerId ?? "");
  const all = [...new Set([...kinds, ...paused.keys()])].sort();
  const counted = all.map(async (kind): Promise<KindStatus> => {
    const [indexed, dead] = await Promise.all([
      etcd.count(keys.tasks.readyOf(kind), revision),
      etcd.count(keys.tasks.deadOf(kind), revision),
    ]);
    const here = runs.get(kind) ?? 0; // each of them has its place in the index too
    const ready = Math.max(0, indexed - here);
    return { kind, ready, running: here, delayed: delayed.get(kind) ?? 0, dead, paused: paused.get(kind) ?? null };
  });
  return {
    kinds: await Promise.all(counted),
    running,
    workers: workers.entries.flatMap(({ key, value }) => {
      const worker = readWorker(etcd, key, value);
      return worker ? [{ ...worker, running: runsOn.get(worker.workerId) ?? 0 }] : [];
    }),
  };
}

async function countDelayed(etcd: Pick<Etcd, "keys" | "page">): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const page of pagesOf(etcd, etcd.keys.tasks.allDelayed, { keysOnly: true, limit: KEYS_PAGE }))
    for (const { key } of page) {
      const { kind } = delayPlace(etcd.keys, key);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  return counts;
}

async function readPaused({ keys, list }: Pick<Etcd, "keys" | "list">): Promise<Map<string, KindStatus["paused"]>> {
  const { entries } = await list(keys.tasks.allPaused);
  return new Map(
    entries.map(({ key, value }) => {
      const record = fromJson(value);
      const [kind = ""] = keys.segments(key, keys.tasks.allPaused);
      return [kind, { by: String(record?.by ?? "somebody"), at: Number(record?.at ?? 0) }];
    }),
  );
}

function countBy(statuses: readonly TaskStatus[], keyOf: (status: TaskStatus) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(keyOf(status), (counts.get(keyOf(status)) ?? 0) + 1);
  return counts;
}
