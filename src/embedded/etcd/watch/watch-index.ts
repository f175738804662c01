import type { Bytes, Span } from "../state/bytes.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Who watches which keys. Watches of one key are found by it; watches of a range by what all its keys begin with, so that
 * of ten thousand watched prefixes a change asks only those that it may lie in.
 */
export class WatchIndex {
  readonly #byKey = new Buckets();
  readonly #byBeginning = new Buckets();
  /** How many beginnings there are of each length. */
  readonly #lengths = new Map<number, number>();

  add(entry: Subscription): void {
    const { span } = entry.watcher.wish;
    if (span.end === null) {
      this.#byKey.add(span.start, entry);
      return;
    }
    const beginning = beginningOf(span);
    if (this.#byBeginning.add(beginning, entry)) this.#count(beginning.length, 1);
  }

  delete(entry: Subscription): void {
    const { span } = entry.watcher.wish;
    if (span.end === null) {
      this.#byKey.delete(span.start, entry);
      return;
    }
    const beginning = beginningOf(span);
    if (this.#byBeginning.delete(beginning, entry)) this.#count(beginning.length, -1);
  }

  /** Calls back once for each watch of exactly this key, and for every watch of a range that it may lie in. */
  visit(key: Bytes, visit: (entry: Subscription) => void): void {
    this.#byKey.visit(key, visit);
    for (const length of this.#lengths.keys())
      if (length <= key.length) this.#byBeginning.visit(key.slice(0, length), visit);
  }

  #count(length: number, by: 1 | -1): void {
    const count = (this.#lengths.get(length) ?? 0) + by;
    if (count === 0) this.#lengths.delete(length);
    else this.#lengths.set(length, count);
  }
}

/** What every key of the range begins with: what its start and its end have in common. */
function beginningOf({ start, end }: Span): Bytes {
  if (end === null) return start;
  let length = 0;
  while (length < start.length && length < end.length && start[length] === end[length]) length++;
  return start.slice(0, length);
}

/** Subscriptions by some bytes. */
class Buckets {
  readonly #buckets = new Map<Bytes, Set<Subscription>>();

  /** @returns true where it is the first of its bucket */
  add(name: Bytes, entry: Subscription): boolean {
    const bucket = this.#buckets.get(name);
    if (bucket) bucket.add(entry);
    else this.#buckets.set(name, new Set([entry]));
    return !bucket;
  }

  /** @returns true where it was the last of its bucket */
  delete(name: Bytes, entry: Subscription): boolean {
    const bucket = this.#buckets.get(name);
    if (!bucket?.delete(entry) || bucket.size > 0) return false;
    return this.#buckets.delete(name);
  }

  visit(name: Bytes, visit: (entry: Subscription) => void): void {
    this.#buckets.get(name)?.forEach(visit);
  }
}
