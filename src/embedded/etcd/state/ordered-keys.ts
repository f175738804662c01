import type { Bytes, Span } from "./bytes.ts";

// 512 items: an insert moves at most 4 KiB, and a million keys need about 4,000 chunks to search.
const CHUNK_ITEMS = 512;

interface Chunk<T> {
  readonly items: T[];
  /** How many of them count. */
  counted: number;
}

interface Place<T> {
  readonly key: Bytes;
  /** The chunk's place among the chunks. */
  readonly at: number;
  readonly chunk: Chunk<T>;
  readonly index: number;
}

/**
 * Items sorted by their key in byte order: get, set and delete in O(log n), visits of a range in order, and the number
 * of items in a range that count without a look at each.
 */
export class OrderedKeys<T extends { readonly key: Bytes }> {
  readonly #counts: (item: T) => boolean;
  #chunks: Chunk<T>[] = [{ items: [], counted: 0 }];
  #size = 0;
  #last: Place<T> | null = null; // most sets follow a get of the same key: one search serves both

  /** @param counts true for an item that `count` counts; must not change while the item is in here */
  constructor(counts: (item: T) => boolean) {
    this.#counts = counts;
  }

  get size(): number {
    return this.#size;
  }

  get(key: Bytes): T | undefined {
    const { chunk, index } = this.#locate(key);
    const item = chunk.items[index];
    return item?.key === key ? item : undefined;
  }

  /** Inserts the item, or replaces the one with the same key. */
  set(item: T): void {
    const { at, chunk, index } = this.#locate(item.key);
    const { items } = chunk;
    const replaced = items[index];
    if (this.#counts(item)) chunk.counted += 1;
    if (replaced?.key === item.key) {
      if (this.#counts(replaced)) chunk.counted -= 1;
      items[index] = item;
      return;
    }
    items.splice(index, 0, item);
    this.#size += 1;
    this.#last = null;
    if (items.length > CHUNK_ITEMS) this.#split(at, chunk, index);
  }

  /** Ascending inserts leave full chunks behind instead of half-empty ones. */
  #split(at: number, chunk: Chunk<T>, index: number): void {
    const { items } = chunk;
    const ascending = at === this.#chunks.length - 1 && index === items.length - 1;
    const upper = items.splice(ascending ? CHUNK_ITEMS : CHUNK_ITEMS / 2);
    const counted = this.#countedOf(upper, 0, upper.length);
    chunk.counted -= counted;
    this.#chunks.splice(at + 1, 0, { items: upper, counted });
  }

  delete(key: Bytes): void {
    const { at, chunk, index } = this.#locate(key);
    const { items } = chunk;
    const gone = items[index];
    if (gone?.key !== key) return;
    if (this.#counts(gone)) chunk.counted -= 1;
    items.splice(index, 1);
    this.#size -= 1;
    this.#last = null;
    if (items.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** How many items of the span count. */
  count({ start, end }: Span): number {
    const from = this.#locate(start);
    const only = from.chunk.items[from.index];
    if (end === null) return only?.key === start && this.#counts(only) ? 1 : 0;
    if (end !== "" && end <= start) return 0;
    const last = end === "" ? this.#chunks.length - 1 : this.#chunkOf(end);
    const { items } = this.#chunks[last] as Chunk<T>;
    const until = end === "" ? items.length : lowerBound(items, end);
    if (from.at === last) return this.#countedOf(items, from.index, until);
    let count = this.#countedOf(from.chunk.items, from.index, from.chunk.items.length);
    for (let at = from.at + 1; at < last; at++) count += (this.#chunks[at] as Chunk<T>).counted;
    return count + this.#countedOf(items, 0, until);
  }

  #countedOf(items: readonly T[], from: number, until: number): number {
    let count = 0;
    for (let index = from; index < until; index++) if (this.#counts(items[index] as T)) count += 1;
    return count;
  }

  /** Calls back for each item of the span in order until `visit` answers false; `visit` must not change the keys. */
  visit({ start, end }: Span, visit: (item: T) => boolean): void {
    if (end === null) {
      const item = this.get(start);
      if (item) visit(item);
      return;
    }
    let { at, index } = this.#locate(start);
    for (; at < this.#chunks.length; at++, index = 0) {
      const { items } = this.#chunks[at] as Chunk<T>;
      for (; index < items.length; index++) {
        const item = items[index] as T;
        if (end !== "" && item.key >= end) return;
        if (!visit(item)) return;
      }
    }
  }

  /** Where the key is, or would be. */
  #locate(key: Bytes): Place<T> {
    if (this.#last?.key === key) return this.#last;
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as Chunk<T>;
    this.#last = { key, at, chunk, index: lowerBound(chunk.items, key) };
    return this.#last;
  }

  #chunkOf(key: Bytes): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = (this.#chunks[middle] as Chunk<T>).items[0] as T;
      if (first.key <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound<T extends { readonly key: Bytes }>(items: readonly T[], key: Bytes): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as T).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
