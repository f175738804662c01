import type { Clock, Random } from "../domain/clock.ts";
import type { WorkerStatus } from "../domain/task-status.ts";
import { type Queued, ReadyQueue } from "./ready-queue.ts";
import { preferredWorker } from "./rendezvous.ts";
import type { ReadyTask } from "./tasks.ts";

/** A task in the index. */
export interface IndexEntry extends ReadyTask {
  /** Its key there. */
  readonly key: string;
  readonly modRevision: number;
  /** True where a worker took it: it may run, or its worker may have died. */
  readonly claimed: boolean;
}

type ServingWorker = Pick<WorkerStatus, "workerId" | "kinds">;

/** What decides whose a task is, and when. */
export interface ReadyIndexOptions {
  readonly workerId: string;
  readonly clock: Pick<Clock, "monotonic">;
  readonly random: Random;
}

const OTHERS_MS = 75; // so long a task is left to the worker that it prefers
const OWN_AMONG = 1_024; // free ones looked through for one of our own; behind that many of others, those have fallen behind
const FREE_AMONG = 4_096; // looked through at all: tasks that wait for a place of their limit must not hide the others
const STOLEN_AT_ONCE = 4; // of others' tasks, until it is known who got them: where many reach for the last ones, most reach in vain
const OLDEST_EVERY = 8; // picks: so the lowest priority is served too, whatever else comes

/** An entry, and where it waits. */
interface Place<E> extends Queued<Place<E>> {
  readonly entry: E;
  /** Null while somebody has it, or reaches for it. */
  queue: ReadyQueue<Place<E>> | null;
  since: number;
  /** Who prefers it, as of this many changes among the workers. */
  preferred: string | null;
  asOf: number;
}

/**
 * The tasks that wait, as one worker sees them: which is next, by priority, then by age. Workers that see the same leave
 * each other alone: each begins with the tasks that prefer it, and takes others' when those have waited.
 */
export class ReadyIndex<E extends IndexEntry> {
  readonly #options: ReadyIndexOptions;
  readonly #places = new Map<string, Place<E>>();
  /** Others' tasks that were reached for, until an event tells what became of them. */
  readonly #stolen = new Set<E>();
  /** By priority and kind, those that hold something: `4/noop`. */
  readonly #queues = new Map<string, ReadyQueue<Place<E>>>();
  #workers: readonly ServingWorker[] = [];
  /** The workers of each kind, as of the last change. */
  readonly #workersOf = new Map<string, readonly string[]>();
  #waiting = 0;
  #changes = 0;
  #picks = 0;

  constructor(options: ReadyIndexOptions) {
    this.#options = options;
  }

  /** How many wait for somebody. */
  get size(): number {
    return this.#waiting;
  }

  /** Those that were taken, by anybody. */
  *taken(): IterableIterator<E> {
    for (const { entry, queue } of this.#places.values()) if (!queue) yield entry;
  }

  /** Who works now; this worker counts as one of them anyway. */
  setWorkers(workers: readonly ServingWorker[]): void {
    this.#workers = workers;
    this.#workersOf.clear();
    this.#changes += 1;
  }

  put(entry: E): void {
    const before = this.#places.get(entry.key);
    if (before) this.#release(before);
    const place: Place<E> = { entry, queue: null, since: 0, preferred: null, asOf: -1, before: null, behind: null };
    this.#places.set(entry.key, place);
    if (!entry.claimed) this.#wait(place);
  }

  remove(key: string): void {
    const place = this.#places.get(key);
    if (!place) return;
    this.#places.delete(key);
    this.#release(place);
  }

  #release(place: Place<E>): void {
    this.#stolen.delete(place.entry);
    this.#unwait(place);
  }

  /** The next one that `isFree` lets through; it is not offered again until it changes or is given back. */
  take(isFree: (entry: E) => boolean): E | null {
    this.#picks += 1;
    const queues = this.#inOrder(this.#picks % OLDEST_EVERY === 0);
    for (const queue of queues) {
      const found = this.#search(queue, isFree);
      if (!found) continue;
      this.#unwait(found);
      return found.entry;
    }
    return null;
  }

  /** Offers one again, unless it has changed since it was taken. */
  giveBack(entry: E): void {
    this.#stolen.delete(entry);
    const place = this.#places.get(entry.key);
    if (place?.entry === entry && !place.queue) this.#wait(place);
  }

  #wait(place: Place<E>): void {
    const name = queueName(place.entry);
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new ReadyQueue();
      this.#queues.set(name, queue);
    }
    place.since = this.#options.clock.monotonic();
    place.queue = queue;
    queue.push(place);
    this.#waiting += 1;
  }

  #unwait(place: Place<E>): void {
    if (!place.queue) return;
    place.queue.remove(place);
    if (place.queue.size === 0) this.#queues.delete(queueName(place.entry)); // who enqueues may invent kinds
    place.queue = null;
    this.#waiting -= 1;
  }

  /** The queues by priority, or the one with the oldest first. */
  #inOrder(oldestFirst: boolean): ReadyQueue<Place<E>>[] {
    const all = [...this.#queues].filter(([, queue]) => queue.size > 0);
    if (all.length === 1) return all.map(([, queue]) => queue);
    const since = ([, queue]: (typeof all)[number]) => queue.first?.since ?? 0;
    const rank = ([name]: (typeof all)[number]) => Number(name[0]);
    all.sort((a, b) => (oldestFirst ? since(a) - since(b) : rank(a) - rank(b) || since(a) - since(b)));
    return all.map(([, queue]) => queue);
  }

  #search(queue: ReadyQueue<Place<E>>, isFree: (entry: E) => boolean): Place<E> | null {
    const lateSince = this.#options.clock.monotonic() - OTHERS_MS;
    const others: Place<E>[] = [];
    let seen = 0;
    let free = 0;
    for (const place of queue) {
      if (seen++ >= FREE_AMONG || free >= OWN_AMONG) break;
      if (!isFree(place.entry)) continue;
      free += 1;
      if (this.#preferredOf(place) === this.#options.workerId) return place;
      if (place.since <= lateSince) others.push(place);
    }
    if (this.#stolen.size >= STOLEN_AT_ONCE) return null;
    // Any of them: two workers with nothing of their own left must not both reach for the first.
    const stolen = others[Math.floor(this.#options.random() * others.length)] ?? null;
    if (stolen) this.#stolen.add(stolen.entry);
    return stolen;
  }

  #preferredOf(place: Place<E>): string | null {
    if (place.asOf !== this.#changes) {
      const workers = this.#serving(place.entry.kind);
      place.preferred = workers.length < 2 ? this.#options.workerId : preferredWorker(place.entry.id, workers);
      place.asOf = this.#changes;
    }
    return place.preferred;
  }

  #serving(kind: string): readonly string[] {
    let serving = this.#workersOf.get(kind);
    if (!serving) {
      const others = this.#workers.filter(({ kinds }) => kinds === null || kinds.includes(kind));
      serving = [...new Set([...others.map(({ workerId }) => workerId), this.#options.workerId])];
      this.#workersOf.set(kind, serving);
    }
    return serving;
  }
}

const queueName = ({ priority, kind }: IndexEntry): string => `${9 - priority}/${kind}`;
