import type { Etcd } from "./client.ts";
import { get, type KeyValue, put } from "./operation.ts";

/** A session's key as it was seen, and what it shall be. */
export interface ViewerChange {
  readonly key: string;
  /** Of the value that was decided on; 0 for none. */
  readonly seenRevision: number;
  /** Null: nothing is written, only whether the key still is as it was seen. */
  readonly value: Buffer | null;
  /** How long a value may be that is found instead. */
  readonly maxBytes: number;
}

/** Whether the key still was as it was seen, and where not, what is there. */
export type ViewerChanged =
  | { readonly held: true; readonly modRevision: number }
  | { readonly held: false; readonly found: KeyValue | null };

/**
 * Writes a session, or makes sure that it still is as it was seen: one part of an outer transaction, without a read.
 * @throws RigError OVERLOADED, ETCD_UNREACHABLE, ETCD_AMBIGUOUS
 */
export function commitViewers(
  etcd: Pick<Etcd, "commit">,
  { key, seenRevision, value, maxBytes }: ViewerChange,
  deadlineMs: number,
): Promise<ViewerChanged> {
  // The same bytes from another hand are as good: they hold every token and every end that ours would have.
  const isWritten = (found: KeyValue | null): found is KeyValue =>
    value !== null && found?.value.equals(value) === true;
  const judge = (found: KeyValue | null): ViewerChanged =>
    isWritten(found) ? { held: true, modRevision: found.modRevision } : { held: false, found };
  return etcd.commit<ViewerChanged>(
    {
      lane: "tokens",
      what: value === null ? "check a viewer session" : "change a viewer session",
      when: [{ key, modRevision: seenRevision }],
      apply: value === null ? [] : [put(key, value)],
      otherwise: [get(key, maxBytes)],
      answer: ({ succeeded, revision, found }) =>
        succeeded ? { held: true, modRevision: value === null ? seenRevision : revision } : judge(found[0] ?? null),
      // Where another has written over it, nobody knows whether ours came first; what was asked bears to be asked again.
      settle: async (read) => {
        const found = await read(key);
        const isAsSeen = (found?.modRevision ?? 0) === seenRevision;
        if (isAsSeen && value === null) return { was: "applied", value: { held: true, modRevision: seenRevision } };
        return isAsSeen ? { was: "not applied" } : { was: "applied", value: judge(found) };
      },
    },
    { deadlineMs },
  );
}
