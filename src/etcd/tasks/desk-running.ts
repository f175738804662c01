import type { TaskStatus } from "../../domain/task-status.ts";
import type { Etcd } from "../client.ts";
import { progressOf, runningStatus } from "./task-status.ts";

/** What runs at one revision, the longest first. */
export interface RunningList {
  readonly running: readonly TaskStatus[];
  readonly revision: number;
}

/** Both folders are as long as what runs: their keys are on the workers' leases. */
export async function listRunning(etcd: Pick<Etcd, "keys" | "list">): Promise<RunningList> {
  const { keys } = etcd;
  const [claims, notes] = await Promise.all([etcd.list(keys.tasks.claims), etcd.list(keys.tasks.allProgress)]);
  const idOf = (key: string) => keys.segments(key, keys.tasks.allProgress)[0];
  const progress = new Map(notes.entries.map(({ key, value }) => [idOf(key), progressOf(value)]));
  const running = claims.entries.flatMap((entry) => {
    const status = runningStatus(keys, entry);
    return status ? [{ ...status, progress: progress.get(status.id) ?? null }] : [];
  });
  running.sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0) || (a.id < b.id ? -1 : 1));
  return { running, revision: claims.revision };
}
