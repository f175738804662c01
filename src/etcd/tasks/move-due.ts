import { isTaskName } from "../../domain/task.ts";
import type { Etcd } from "../client.ts";
import { absent, type KeyValue, type Operation, put, remove, unchanged } from "../operation.ts";
import type { CommitOrPass } from "./passed-over.ts";
import { readCourse, writeReady } from "./records.ts";
import { removeAsRead } from "./remove-as-read.ts";

const DUE_AT_ONCE = 256;

interface DuePorts {
  readonly etcd: Pick<Etcd, "keys" | "clock" | "page" | "get">;
  readonly newToken: () => string;
  readonly commit: CommitOrPass;
}

/**
 * Makes a page of due tasks ready at each call, and answers how many it took away; the next call goes on behind that
 * page, so that what can't be moved holds back no other.
 */
export function dueMover({ etcd, newToken, commit }: DuePorts): () => Promise<number> {
  const { tasks } = etcd.keys;
  let from = tasks.allDelayed;

  async function move(entry: KeyValue): Promise<boolean> {
    const place = readyPlace(etcd, entry);
    if (place === null) return commit(entry.key, () => removeAsRead(entry)); // another hand's
    if (await commit(entry.key, () => makeReady(entry, place, newToken()))) return true;
    // Somebody was faster, or the task is ready already: then this key is one too many, and would be tried for ever.
    const inTheWay = await etcd.get(place.key);
    return inTheWay !== null && commit(entry.key, () => removeAsRead(entry, [unchanged(inTheWay)]));
  }

  return async () => {
    const before = tasks.delayedUntil(etcd.clock.now());
    const due = from < before ? await etcd.page({ from, before, limit: DUE_AT_ONCE }) : [];
    const last = due.at(-1);
    from = last ? `${last.key}\0` : tasks.allDelayed;
    const moved = await Promise.all(due.map(move));
    return moved.filter(Boolean).length;
  };
}

interface ReadyPlace {
  readonly key: string;
  value(token: string): Buffer;
}

/** Where a due task goes; null for a key or a value that is none of rig's. */
function readyPlace({ keys: { tasks } }: Pick<Etcd, "keys">, { key, value }: KeyValue): ReadyPlace | null {
  const [, kind = "", taskId = "", ...more] = key.slice(tasks.allDelayed.length).split("/");
  const course = readCourse(value);
  if (!course || more.length > 0 || !isTaskName(kind, taskId)) return null;
  return {
    key: tasks.ready(kind, course.priority, taskId),
    value: (token) => writeReady({ ...course, token, claimed: false }),
  };
}

/** Moves a task out of `tasks/delay` into the index; false where somebody else did, or cancelled it. */
function makeReady(entry: KeyValue, { key, value }: ReadyPlace, token: string): Operation<boolean> {
  return {
    what: "make a task ready",
    lane: "tasks",
    when: [unchanged(entry), absent(key)],
    apply: [remove(entry.key), put(key, value(token))],
    answer: ({ succeeded }) => succeeded,
    settle: async (read) => {
      if ((await read(entry.key))?.modRevision === entry.modRevision) return { was: "not applied" };
      return { was: "applied", value: (await read(key))?.value.includes(`"${token}"`) ?? false };
    },
  };
}
