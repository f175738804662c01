import { OUTER } from "./commit-size.ts";
import type { Footprint } from "./operation.ts";

interface Entry {
  readonly footprint: Footprint;
}

/**
 * What waits to be committed, in order of arrival. A batch never holds two entries of which one writes what the other
 * looks at or writes: all nested compares see the state before the whole, and etcd would let both win. An entry neither
 * joins nor passes one that it conflicts with, be that one waiting or on its way.
 */
export class CommitQueue<E extends Entry> {
  #waiting: E[] = [];
  readonly #onTheWay = new KeyUse();

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  add(entry: E): void {
    this.#waiting.push(entry);
  }

  /** Back to the head, for another try; its keys are held no more. */
  putBack(entry: E): void {
    this.release(entry);
    this.#waiting.unshift(entry);
  }

  /** Takes an entry out that waits. */
  withdraw(entry: E): void {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
  }

  /** The next batch, oldest first; empty where all conflict with what is on its way. Release each entry once it is settled. */
  takeBatch(): E[] {
    const batch: E[] = [];
    const left: E[] = [];
    const earlier = new KeyUse();
    let requestBytes = 0;
    let answerBytes = 0;
    let next = 0;
    for (; next < this.#waiting.length && batch.length < OUTER.parts; next++) {
      const entry = this.#waiting[next] as E;
      const { footprint } = entry;
      if (requestBytes + footprint.requestBytes > OUTER.requestBytes) break;
      if (answerBytes + footprint.answerBytes > OUTER.answerBytes) break;
      const free = !this.#onTheWay.conflictsWith(footprint) && !earlier.conflictsWith(footprint);
      earlier.add(footprint);
      if (!free) {
        left.push(entry);
        continue;
      }
      batch.push(entry);
      requestBytes += footprint.requestBytes;
      answerBytes += footprint.answerBytes;
    }
    this.#waiting = [...left, ...this.#waiting.slice(next)];
    for (const entry of batch) this.#onTheWay.add(entry.footprint);
    return batch;
  }

  /** The entry's outcome is known: those that waited for its keys may go. */
  release(entry: E): void {
    this.#onTheWay.remove(entry.footprint);
  }
}

/** How many look at each key, and how many write it. */
class KeyUse {
  readonly #readers = new Map<string, number>();
  readonly #writers = new Map<string, number>();

  add({ reads, writes }: Footprint): void {
    for (const key of reads) count(this.#readers, key, 1);
    for (const key of writes) count(this.#writers, key, 1);
  }

  remove({ reads, writes }: Footprint): void {
    for (const key of reads) count(this.#readers, key, -1);
    for (const key of writes) count(this.#writers, key, -1);
  }

  conflictsWith({ reads, writes }: Footprint): boolean {
    return (
      writes.some((key) => this.#readers.has(key) || this.#writers.has(key)) ||
      reads.some((key) => this.#writers.has(key))
    );
  }
}

function count(uses: Map<string, number>, key: string, by: number): void {
  const now = (uses.get(key) ?? 0) + by;
  if (now > 0) uses.set(key, now);
  else uses.delete(key);
}
