import type { ClaimedTask, TaskClaim, TaskClaims } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { toJson } from "../json-value.ts";
import { commitLeased, type LeasedOperation } from "../leased.ts";
import { type Compare, put } from "../operation.ts";
import type { ProcessLease } from "../process-lease.ts";
import { buryTask } from "./bury.ts";
import { claimTask, type HeldClaim, type IndexedTask } from "./claim.ts";
import { endTask } from "./end-task.ts";
import type { EtcdReadyTasks } from "./ready-tasks.ts";

/** A worker's claims, on its process's lease. */
export function etcdTaskClaims(etcd: Etcd, lease: ProcessLease, ready: EtcdReadyTasks): TaskClaims {
  const progress = new WeakMap<TaskClaim, number>(); // the revision of each progress key that we wrote; 0 for a first one
  return {
    async claim(task, limit, signal) {
      const indexed = task as IndexedTask;
      if (indexed.attempt >= indexed.maxAttempts)
        return (await etcd.commit(buryTask(etcd, indexed, lease.token()))) ? "dead" : "lost";
      const place = limit === null ? null : ready.reachForPlace(indexed, limit);
      if (place === "none") return "not now";
      try {
        return await claimTask(etcd, lease, { indexed, placeKey: place }, signal);
      } finally {
        if (place !== null) ready.letGoOfPlace(place);
      }
    },
    async end(claimed, end, signal) {
      const { claim } = claimed;
      const also = { progress: progress.has(claim), cancel: ready.cancelledBy(claimed) !== null };
      return etcd.commit(endTask(etcd, claimed, { end, token: lease.token(), also }), { signal });
    },
    async progress(claimed, percent, note) {
      const { claim } = claimed;
      const written = progress.get(claim) ?? 0;
      progress.set(claim, written); // before it is sent: an end that comes meanwhile must remove it
      const value = { token: lease.token(), percent, note, at: etcd.clock.now() };
      const revision = await commitLeased(etcd, lease, noteProgress(etcd, claimed, { value, written }));
      if (revision !== null) progress.set(claim, revision);
      return revision !== null;
    },
  };
}

interface Note {
  readonly value: { readonly token: string; readonly percent: number; readonly note: string; readonly at: number };
  /** The key's revision as we last wrote it; 0 for the first note. */
  readonly written: number;
}

/** Answers the revision of the note; null where the claim is lost. */
const noteProgress =
  ({ keys }: Etcd, { task, claim }: ClaimedTask, { value, written }: Note) =>
  (leaseId: string): LeasedOperation<number | null> => {
    const { claimKey, modRevision } = claim as HeldClaim;
    const key = keys.tasks.progress(task.id);
    const when: Compare[] = [
      { key: claimKey, modRevision },
      { key, modRevision: written },
    ];
    return {
      what: "note a task's progress",
      lane: "tasks",
      when,
      apply: [put(key, toJson(value), leaseId)],
      answer: ({ succeeded, revision }) => (succeeded ? revision : null),
      settle: async (read) => {
        const entry = await read(key);
        const mine = entry?.value.includes(`"${value.token}"`) ?? false;
        return entry && mine ? { was: "applied", value: entry.modRevision } : { was: "not applied" };
      },
    };
  };
