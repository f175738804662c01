import type { Bytes, Span } from "./bytes.ts";

// 512 items: an insert moves at most 4 KiB, and a million keys need about 4,000 chunks to search.
const CHUNK_ITEMS = 512;

interface Place<T> {
  readonly key: Bytes;
  /** The chunk's place among the chunks. */
  readonly at: number;
  readonly chunk: T[];
  readonly index: number;
}

/** Items sorted by their key in byte order: get, set and delete in O(log n), visits of a range in order. */
export class OrderedKeys<T extends { readonly key: Bytes }> {
  #chunks: T[][] = [[]];
  #size = 0;
  #last: Place<T> | null = null; // most sets follow a get of the same key: one search serves both

  get size(): number {
    return this.#size;
  }

  get(key: Bytes): T | undefined {
    const { chunk, index } = this.#locate(key);
    const item = chunk[index];
    return item?.key === key ? item : undefined;
  }

  /** Inserts the item, or replaces the one with the same key. */
  set(item: T): void {
    const { at, chunk, index } = this.#locate(item.key);
    if (chunk[index]?.key === item.key) {
      chunk[index] = item;
      return;
    }
    chunk.splice(index, 0, item);
    this.#size += 1;
    this.#last = null;
    if (chunk.length > CHUNK_ITEMS) {
      // ascending inserts leave full chunks behind instead of half-empty ones
      const keep = at === this.#chunks.length - 1 && index === chunk.length - 1 ? CHUNK_ITEMS : CHUNK_ITEMS / 2;
      this.#chunks.splice(at + 1, 0, chunk.splice(keep));
    }
  }

  delete(key: Bytes): void {
    const { at, chunk, index } = this.#locate(key);
    if (chunk[index]?.key !== key) return;
    chunk.splice(index, 1);
    this.#size -= 1;
    this.#last = null;
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
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
      const chunk = this.#chunks[at] as T[];
      for (; index < chunk.length; index++) {
        const item = chunk[index] as T;
        if (end !== "" && item.key >= end) return;
        if (!visit(item)) return;
      }
    }
  }

  /** Where the key is, or would be. */
  #locate(key: Bytes): Place<T> {
    if (this.#last?.key === key) return this.#last;
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as T[];
    this.#last = { key, at, chunk, index: lowerBound(chunk, key) };
    return this.#last;
  }

  #chunkOf(key: Bytes): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = (this.#chunks[middle] as T[])[0] as T;
      if (first.key <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound<T extends { readonly key: Bytes }>(chunk: readonly T[], key: Bytes): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunk[middle] as T).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
