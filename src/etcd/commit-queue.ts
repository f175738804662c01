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
    let passed: KeyUse | null = null; // by those that are left
    let requestBytes = 0;
    let answerBytes = 0;
    let next = 0;
    for (; next < this.#waiting.length && batch.length < OUTER.parts; next++) {
      const entry = this.#waiting[next] as E;
      const { footprint } = entry;
      if (requestBytes + footprint.requestBytes > OUTER.requestBytes) break;
      if (answerBytes + footprint.answerBytes > OUTER.answerBytes) break;
      if (this.#onTheWay.conflictsWith(footprint) || passed?.conflictsWith(footprint)) {
        passed ??= new KeyUse();
        passed.add(footprint);
        left.push(entry);
        continue;
      }
      this.#onTheWay.add(footprint);
      batch.push(entry);
      requestBytes += footprint.requestBytes;
      answerBytes += footprint.answerBytes;
    }
    this.#waiting = [...left, ...this.#waiting.slice(next)];
    return batch;
  }

  /** The entry's outcome is known: those that waited for its keys may go. */
  release(entry: E): void {
    this.#onTheWay.remove(entry.footprint);
  }
}

const WRITTEN = -1;

/** Who uses which keys: so many that look at one, or `WRITTEN`. */
class KeyUse {
  readonly #uses = new Map<string, number>();

  add({ reads, writes }: Footprint): void {
    for (const key of writes) this.#uses.set(key, WRITTEN);
    for (const key of reads) {
      const readers = this.#uses.get(key) ?? 0;
      if (readers !== WRITTEN) this.#uses.set(key, readers + 1);
    }
  }

  /** Only for what conflicts with nothing here: who writes a key then is its only user. */
  remove({ reads, writes }: Footprint): void {
    for (const key of writes) this.#uses.delete(key);
    for (const key of reads) {
      const readers = this.#uses.get(key) ?? 0;
      if (readers > 1) this.#uses.set(key, readers - 1);
      else this.#uses.delete(key);
    }
  }

  conflictsWith({ reads, writes }: Footprint): boolean {
    for (const key of writes) if (this.#uses.has(key)) return true;
    for (const key of reads) if (this.#uses.get(key) === WRITTEN) return true;
    return false;
  }
}
