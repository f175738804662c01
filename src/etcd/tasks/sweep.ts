import { isTaskName } from "../../domain/task.ts";
import type { Etcd } from "../client.ts";
import { fromJson } from "../json-value.ts";
import { absent, type Compare, type KeyValue } from "../operation.ts";
import { rangeEnd } from "../wire.ts";
import type { CommitOrPass } from "./passed-over.ts";
import { removeAsRead } from "./remove-as-read.ts";

const SWEPT_AT_ONCE = 100; // results of 16 KiB at most: 1.6 MiB an answer
const SWEPT_BYTES = 1024 * 1024; // of each folder in one turn: some 4,000 small results, or a page of the largest
const ENTRY_BYTES = 64; // what an entry costs beside its key and value

/** What else must stand for an entry to be removed; null where it is to stay. */
type IsOver = (entry: KeyValue) => Compare[] | null;

interface SweepPorts {
  readonly etcd: Pick<Etcd, "keys" | "clock" | "page">;
  readonly commit: CommitOrPass;
}

/** Removes what is over of the next stretch of each folder at each call; answers how many keys. */
export function taskSweeper({ etcd, commit }: SweepPorts): () => Promise<number> {
  const { tasks } = etcd.keys;
  const cursors = new Map<string, string>();

  async function sweepFolder(folder: string, isOver: IsOver): Promise<number> {
    let removed = 0;
    for (let bytes = 0; bytes < SWEPT_BYTES; ) {
      const from = cursors.get(folder) ?? folder;
      const entries = await etcd.page({ from, before: rangeEnd(folder).toString(), limit: SWEPT_AT_ONCE });
      const last = entries.at(-1);
      cursors.set(folder, last ? `${last.key}\0` : folder);
      if (!last) break;
      removed += await removeOver(entries, isOver);
      for (const { key, value } of entries) bytes += key.length + value.length + ENTRY_BYTES;
    }
    return removed;
  }
  async function removeOver(entries: readonly KeyValue[], isOver: IsOver): Promise<number> {
    const removed = await Promise.all(
      entries.map((entry) => {
        const also = isOver(entry);
        return also !== null && commit(entry.key, () => removeAsRead(entry, also));
      }),
    );
    return removed.filter(Boolean).length;
  }
  /** What says no instant is none of ours, and past. */
  const isPast = ({ value }: KeyValue) => (Number(fromJson(value)?.until) > etcd.clock.now() ? null : []);
  /** A word of cancelling goes where its task is gone. */
  const hasNoTask = ({ key, value }: KeyValue) => {
    const kind = fromJson(value)?.kind;
    const [taskId = ""] = etcd.keys.segments(key, tasks.cancels);
    return typeof kind === "string" && isTaskName(kind, taskId) ? [absent(tasks.task(kind, taskId))] : [];
  };
  /** Workers put these on their leases: one on none would keep its task, or its place, from everybody. */
  const hasNoLease = ({ leaseId }: KeyValue) => (leaseId === "0" ? [] : null);

  return async () => {
    let removed = 0;
    for (const folder of [tasks.results, tasks.dedupes]) removed += await sweepFolder(folder, isPast);
    removed += await sweepFolder(tasks.cancels, hasNoTask);
    for (const folder of [tasks.claims, tasks.allProgress, tasks.places])
      removed += await sweepFolder(folder, hasNoLease);
    return removed;
  };
}
