import { isTaskName, type TaskOrder, taskOf } from "../../domain/task.ts";
import type { CronMark, TaskDuties } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { fromJson, toJson } from "../json-value.ts";
import { absent, type Compare, type KeyValue, type Operation, put, remove, unchanged } from "../operation.ts";
import { rangeEnd } from "../wire.ts";
import { enqueueSteps, plan } from "./enqueue.ts";
import { readCourse, writeReady } from "./records.ts";

const DUE_AT_ONCE = 256;
const SWEPT_AT_ONCE = 100; // results of 16 KiB at most: under the 4 MiB that one answer may have
const SWEPT_BYTES = 1024 * 1024; // of each folder in one turn: some 4,000 small results, or a page of the largest
const ENTRY_BYTES = 64; // what an entry costs beside its key and value

/** What else must stand for an entry to be removed; null where it is to stay. */
type IsOver = (entry: KeyValue) => Compare[] | null;

/** What the leader does for all. Each write compares what it read, so two leaders at once do no harm. */
export function etcdTaskDuties(etcd: Etcd, newToken: () => string): TaskDuties {
  const { tasks } = etcd.keys;
  const cursors = new Map<string, string>();

  /** Removes what is over of a stretch of a folder; the next call goes on behind it. */
  async function sweepFolder(folder: string, isOver: IsOver): Promise<number> {
    let removed = 0;
    for (let bytes = 0; bytes < SWEPT_BYTES; ) {
      const from = cursors.get(folder) ?? folder;
      const entries = await etcd.page({ from, before: rangeEnd(folder).toString(), limit: SWEPT_AT_ONCE });
      const last = entries.at(-1);
      cursors.set(folder, last ? `${last.key}\0` : folder); // a page may be short for keys that are no text
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
        return also === null ? false : etcd.commit(removeAsRead(entry, also));
      }),
    );
    return removed.filter(Boolean).length;
  }
  const isPast = ({ value }: KeyValue) => (Number(fromJson(value)?.until ?? 0) <= etcd.clock.now() ? [] : null);
  /** A word of cancelling goes where its task is gone. */
  const hasNoTask = ({ key, value }: KeyValue) => {
    const kind = fromJson(value)?.kind;
    const [taskId = ""] = etcd.keys.segments(key, tasks.cancels);
    return typeof kind === "string" && isTaskName(kind, taskId) ? [absent(tasks.task(kind, taskId))] : [];
  };

  return {
    async moveDue() {
      const before = tasks.delayedUntil(etcd.clock.now());
      const due = await etcd.page({ from: tasks.allDelayed, before, limit: DUE_AT_ONCE });
      const moved = await Promise.all(due.map((entry) => etcd.commit(makeReady(etcd, entry, newToken()))));
      return moved.filter(Boolean).length;
    },
    async sweep() {
      const over = (await sweepFolder(tasks.results, isPast)) + (await sweepFolder(tasks.dedupes, isPast));
      return over + (await sweepFolder(tasks.cancels, hasNoTask));
    },
    async mark(name) {
      const entry = await etcd.get(tasks.schedule(name));
      if (!entry) return null;
      const at = fromJson(entry.value)?.at;
      return { at: Number.isSafeInteger(at) ? Number(at) : 0, version: entry.modRevision };
    },
    fire: (name, seen, { at, order }) => etcd.commit(fireSchedule(etcd, { name, seen, at, order, token: newToken() })),
  };
}

/** Moves a task out of `tasks/delay` into the index; false where somebody else did, or cancelled it. */
export function makeReady({ keys: { tasks } }: Pick<Etcd, "keys">, entry: KeyValue, token: string): Operation<boolean> {
  const [, kind = "", taskId = "", ...more] = entry.key.slice(tasks.allDelayed.length).split("/");
  const course = readCourse(entry.value);
  const isOurs = more.length === 0 && isTaskName(kind, taskId);
  if (!course || !isOurs) return removeAsRead(entry); // another hand's: it would stand in the way for ever
  const readyKey = tasks.ready(kind, course.priority, taskId);
  return {
    what: "make a task ready",
    lane: "tasks",
    when: [unchanged(entry), absent(readyKey)],
    apply: [remove(entry.key), put(readyKey, writeReady({ ...course, token, claimed: false }))],
    answer: ({ succeeded }) => succeeded,
    settle: async (read) => {
      if ((await read(entry.key))?.modRevision === entry.modRevision) return { was: "not applied" };
      return { was: "applied", value: (await read(readyKey))?.value.includes(`"${token}"`) ?? false };
    },
  };
}

/** Removes a key as it was read; false where it has changed since, or something else does not stand. */
const removeAsRead = (entry: KeyValue, also: readonly Compare[] = []): Operation<boolean> => ({
  what: "remove what is over",
  lane: "tasks",
  when: [unchanged(entry), ...also],
  apply: [remove(entry.key)],
  answer: ({ succeeded }) => succeeded,
  settle: async (read) =>
    (await read(entry.key))?.modRevision === entry.modRevision
      ? { was: "not applied" }
      : { was: "applied", value: true },
});

interface Firing {
  readonly name: string;
  readonly seen: CronMark | null;
  readonly at: number;
  /** Null where this instant's run is left out. */
  readonly order: TaskOrder | null;
  readonly token: string;
}

/** Advances a schedule's mark and enqueues its run, together: it fires neither twice nor never. */
function fireSchedule(etcd: Etcd, { name, seen, at, order, token }: Firing): Operation<boolean> {
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
