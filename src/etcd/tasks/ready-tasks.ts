import type { Random } from "../../domain/clock.ts";
import { safeText } from "../../domain/safe-text.ts";
import { isTaskName } from "../../domain/task.ts";
import type { WorkerStatus } from "../../domain/task-status.ts";
import { ReadyIndex } from "../../services/ready-index.ts";
import type { ClaimedTask, ReadyCalls, ReadyTask, ReadyTasks, TaskLimit } from "../../services/tasks.ts";
import type { Etcd } from "../client.ts";
import { inform } from "../informer.ts";
import { fromJson } from "../json-value.ts";
import type { KeyValue } from "../operation.ts";
import type { HeldClaim, IndexedTask } from "./claim.ts";
import { limitNameOf, TakenPlaces } from "./places.ts";
import { readReady } from "./records.ts";

type Entry = IndexedTask & { readonly claimed: boolean };

export interface ReadyTasksOptions {
  readonly workerId: string;
  /** Only these; null for all. */
  readonly kinds: readonly string[] | null;
  readonly random: Random;
}

const BY_CHARS = 200; // it stands in the result
const ORPHANS_MS = 2_000; // how often the claims behind taken tasks are looked at

/** The index of ready tasks, the places of limits, pauses and workers, as etcd's events tell one worker. */
export class EtcdReadyTasks implements ReadyTasks {
  readonly #etcd: Etcd;
  readonly #kinds: readonly string[] | null;
  readonly #index: ReadyIndex<Entry>;
  readonly #places: TakenPlaces;
  readonly #paused = new Set<string>();
  readonly #workers = new Map<string, WorkerStatus>();
  /** Who asked for which task to be cancelled, by the key that says so. */
  readonly #cancels = new Map<string, { readonly by: string; readonly revision: number }>();

  constructor(etcd: Etcd, { workerId, kinds, random }: ReadyTasksOptions) {
    this.#etcd = etcd;
    this.#kinds = kinds;
    this.#index = new ReadyIndex({ workerId, clock: etcd.clock, random });
    this.#places = new TakenPlaces(etcd.keys);
  }

  get size(): number {
    return this.#index.size;
  }

  take(isFree: (ready: ReadyTask) => boolean): Entry | null {
    return this.#index.take((entry) => !this.#paused.has(entry.kind) && isFree(entry));
  }

  giveBack(ready: ReadyTask): void {
    this.#index.giveBack(ready as Entry);
  }

  cancelledBy({ task, claim }: ClaimedTask): string | null {
    const word = this.#cancels.get(this.#etcd.keys.tasks.cancel(task.id));
    return word && word.revision > (claim as HeldClaim).taskRevision ? word.by : null;
  }

  hasPlace({ kind, limitKey }: ReadyTask, limit: TaskLimit): boolean {
    const name = limitNameOf(kind, limitKey, limit);
    return name === null || this.#places.free(name, limit.count) !== null;
  }

  /** A place for this task, held until the claim is decided; null where its kind has no limit, "none" where all are taken. */
  reachForPlace({ kind, limitKey }: ReadyTask, limit: TaskLimit): string | null | "none" {
    const name = limitNameOf(kind, limitKey, limit);
    if (name === null) return null;
    const key = this.#places.free(name, limit.count);
    if (key === null) return "none";
    this.#places.reachFor(key);
    return key;
  }

  letGoOfPlace(key: string): void {
    this.#places.letGo(key);
  }

  /** Knows who else works, what is paused, taken and cancelled before it offers the first task. */
  async follow(calls: ReadyCalls, signal: AbortSignal): Promise<void> {
    const { tasks } = this.#etcd.keys;
    const around = this.#surroundings(calls).map((told) => followed(this.#etcd, told, calls.onNews, signal));
    await Promise.all(around.map(({ listed }) => listed));
    const ready = (this.#kinds?.map((kind) => tasks.readyOf(kind)) ?? [tasks.allReady]).map((prefix) => ({
      prefix,
      onPut: (entry: KeyValue) => this.#putReady(entry),
      onDelete: (key: string) => this.#index.remove(key),
    }));
    const index = ready.map((told) => followed(this.#etcd, told, calls.onNews, signal));
    await Promise.all([...around, ...index].map(({ ended }) => ended).concat(this.#offerOrphans(calls.onNews, signal)));
  }

  #surroundings({ onCancel }: ReadyCalls): readonly Told[] {
    const { keys } = this.#etcd;
    const { tasks } = keys;
    const kindOf = (key: string) => keys.segments(key, tasks.allPaused)[0] ?? "";
    return [
      {
        prefix: tasks.workers,
        onPut: (entry) => this.#putWorker(entry),
        onDelete: (key) => this.#removeWorker(key),
      },
      {
        prefix: tasks.places,
        onPut: ({ key }) => this.#places.put(key),
        onDelete: (key) => this.#places.remove(key),
      },
      {
        prefix: tasks.allPaused,
        onPut: ({ key }) => void this.#paused.add(kindOf(key)),
        onDelete: (key) => void this.#paused.delete(kindOf(key)),
      },
      {
        prefix: tasks.cancels,
        onPut: ({ key, value, modRevision }) => {
          this.#cancels.set(key, { by: byOf(value), revision: modRevision });
          onCancel(keys.segments(key, tasks.cancels)[0] ?? "");
        },
        onDelete: (key) => void this.#cancels.delete(key),
      },
    ];
  }

  #putReady({ key, value, modRevision }: KeyValue): void {
    const { keys } = this.#etcd;
    const record = readReady(value);
    const [kind = "", place = "", ...more] = keys.segments(key, keys.tasks.allReady);
    const isOurs = record && more.length === 0 && Number(place[0]) === 9 - record.priority;
    if (!isOurs || !isTaskName(kind, place.slice(1))) {
      this.#index.remove(key); // another hand's
      return;
    }
    const { attempt, maxAttempts, priority, taskBytes, limitKey, reason, claimed } = record;
    // Field by field: a spread took 10 µs of the 100 that a task may cost.
    this.#index.put({
      id: place.slice(1),
      kind,
      key,
      modRevision,
      attempt,
      maxAttempts,
      priority,
      taskBytes,
      limitKey,
      reason,
      claimed,
    });
  }

  #putWorker({ key, value }: KeyValue): void {
    const worker = readWorker(this.#etcd, key, value);
    if (worker) this.#workers.set(key, worker);
    this.#index.setWorkers([...this.#workers.values()]);
  }

  #removeWorker(key: string): void {
    this.#workers.delete(key);
    this.#index.setWorkers([...this.#workers.values()]);
  }

  /**
   * Offers tasks whose claim has gone with its worker. Following each claim would double the events of every task; the
   * list is as long as what runs.
   */
  async #offerOrphans(onNews: () => void, signal: AbortSignal): Promise<void> {
    const { clock, keys } = this.#etcd;
    for (; !signal.aborted; await clock.sleep(ORPHANS_MS, signal)) {
      const taken = [...this.#index.taken()];
      if (taken.length === 0) continue;
      try {
        const { entries, revision } = await this.#etcd.list(keys.tasks.claims, { keysOnly: true });
        const claimed = new Set(entries.map(({ key }) => key));
        const orphans = taken.filter(
          ({ id, modRevision }) => modRevision <= revision && !claimed.has(keys.tasks.claim(id)),
        );
        for (const entry of orphans) this.#index.giveBack(entry);
        if (orphans.length > 0) onNews();
      } catch {
        // Etcd is away: they are looked at the next time.
      }
    }
  }
}

/** What is told of one prefix. */
interface Told {
  readonly prefix: string;
  onPut(entry: KeyValue): void;
  onDelete(key: string): void;
}

/** Follows one prefix until aborted. `listed` resolves once all that was there has been told, or with the end; neither rejects. */
function followed(etcd: Etcd, { prefix, onPut, onDelete }: Told, onNews: () => void, signal: AbortSignal) {
  let tellListed: () => void = () => {};
  const listed = new Promise<void>((resolve) => {
    tellListed = resolve;
  });
  const informed = {
    onPut(entry: KeyValue) {
      onPut(entry);
      onNews();
    },
    onDelete(key: string) {
      onDelete(key);
      onNews();
    },
    onListed() {
      tellListed();
      onNews();
    },
  };
  return { listed, ended: inform(etcd, prefix, informed, signal).finally(tellListed) };
}

/** The worker that a key of `tasks/worker/` announces; null for another hand's value. */
export function readWorker(etcd: Etcd, key: string, value: Buffer): WorkerStatus | null {
  const record = fromJson(value);
  if (!record) return null;
  const workerId = etcd.keys.segments(key, etcd.keys.tasks.workers)[0] ?? "";
  const kinds = Array.isArray(record.kinds) ? record.kinds.map(String) : null;
  return { workerId, kinds, concurrency: Number(record.concurrency), startedAt: Number(record.startedAt) };
}

const byOf = (value: Buffer): string => safeText(String(fromJson(value)?.by ?? "somebody")).slice(0, BY_CHARS);
