/**
 * What waits, in the order of its arrival. Taking from the head and removing from the middle cost the same however long
 * it is; a Map would walk over everything that was ever taken.
 */
export class ReadyQueue<T extends object> {
  readonly #nodes = new Map<T, Node<T>>();
  #head: Node<T> | null = null;
  #tail: Node<T> | null = null;

  get size(): number {
    return this.#nodes.size;
  }

  get first(): T | null {
    return this.#head?.item ?? null;
  }

  push(item: T): void {
    const node: Node<T> = { item, before: this.#tail, behind: null };
    if (this.#tail) this.#tail.behind = node;
    else this.#head = node;
    this.#tail = node;
    this.#nodes.set(item, node);
  }

  /** False where it is not there. */
  remove(item: T): boolean {
    const node = this.#nodes.get(item);
    if (!node) return false;
    this.#nodes.delete(item);
    if (node.before) node.before.behind = node.behind;
    else this.#head = node.behind;
    if (node.behind) node.behind.before = node.before;
    else this.#tail = node.before;
    return true;
  }

  /** From the head on; do not change it meanwhile. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let node = this.#head; node; node = node.behind) yield node.item;
  }
}

interface Node<T> {
  readonly item: T;
  before: Node<T> | null;
  behind: Node<T> | null;
}
