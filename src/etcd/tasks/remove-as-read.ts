import { type Compare, type KeyValue, type Operation, remove, unchanged } from "../operation.ts";

/** Removes a key as it was read; false where it has changed since, or something else does not stand. */
export const removeAsRead = (entry: KeyValue, also: readonly Compare[] = []): Operation<boolean> => ({
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
