/** One that stands in a queue at most; its neighbours there. */
export interface Queued<T> {
  before: T | null;
  behind: T | null;
}

/**
 * What waits, in the order of its arrival. Taking from the head and removing from the middle cost the same however long
 * it is, and nothing is made for either: what waits is linked itself.
 */
export class ReadyQueue<T extends Queued<T>> {
  #head: T | null = null;
  #tail: T | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | null {
    return this.#head;
  }

  /** Behind all others; it must be in no queue. */
  push(item: T): void {
    item.before = this.#tail;
    item.behind = null;
    if (this.#tail) this.#tail.behind = item;
    else this.#head = item;
    this.#tail = item;
    this.#size += 1;
  }

  /** It must be in this queue. */
  remove(item: T): void {
    if (item.before) item.before.behind = item.behind;
    else this.#head = item.behind;
    if (item.behind) item.behind.before = item.before;
    else this.#tail = item.before;
    item.before = null;
    item.behind = null;
    this.#size -= 1;
  }

  /** From the head on; do not change it meanwhile. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let item = this.#head; item; item = item.behind) yield item;
  }
}
