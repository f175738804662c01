import { checkKind } from "../../domain/task.ts";
import type { Etcd } from "../client.ts";
import { fromJson, toJson } from "../json-value.ts";
import { absent, get, type KeyValue, type Operation, put, remove, unchanged } from "../operation.ts";

type Store = Pick<Etcd, "keys" | "get" | "commit" | "clock">;

/** Stops a kind: claims compare that this key is absent. False where it stood already. */
export async function pauseKind({ keys, commit, clock }: Store, kind: string, by: string, token: string) {
  checkKind(kind);
  const key = keys.tasks.paused(kind);
  const isMine = (entry: KeyValue | null | undefined) => !!entry && fromJson(entry.value)?.token === token;
  const operation: Operation<boolean> = {
    what: "pause a kind of task",
    lane: "tasks",
    when: [absent(key)],
    apply: [put(key, toJson({ by, at: clock.now(), token }))],
    otherwise: [get(key)],
    answer: ({ succeeded, found }) => succeeded || isMine(found[0]),
    settle: async (read) => (isMine(await read(key)) ? { was: "applied", value: true } : { was: "not applied" }),
  };
  return commit(operation);
}

/** Lets a kind go on. False where it was not paused. */
export async function resumeKind({ keys, get: read, commit }: Store, kind: string): Promise<boolean> {
  checkKind(kind);
  const entry = await read(keys.tasks.paused(kind));
  if (!entry) return false;
  return commit({
    what: "resume a kind of task",
    lane: "tasks",
    when: [unchanged(entry)],
    apply: [remove(entry.key)],
    answer: ({ succeeded }) => succeeded,
    settle: async (readNow) =>
      (await readNow(entry.key))?.modRevision === entry.modRevision
        ? { was: "not applied" }
        : { was: "applied", value: true },
  });
}
