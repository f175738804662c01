import type { Bytes } from "../state/bytes.ts";
import type { Subscription } from "./subscription.ts";

/** Who watches which keys: watches of one key are found by it, watches of ranges are asked one by one. */
export class WatchIndex {
  #byKey = new Map<Bytes, Set<Subscription>>();
  #ranges = new Set<Subscription>();

  add(entry: Subscription): void {
    const { start, end } = entry.watcher.wish.span;
    if (end !== null) {
      this.#ranges.add(entry);
      return;
    }
    const same = this.#byKey.get(start) ?? new Set<Subscription>();
    this.#byKey.set(start, same.add(entry));
  }

  delete(entry: Subscription): void {
    const { start, end } = entry.watcher.wish.span;
    if (end !== null) {
      this.#ranges.delete(entry);
      return;
    }
    const same = this.#byKey.get(start);
    same?.delete(entry);
    if (same?.size === 0) this.#byKey.delete(start);
  }

  /** Calls back for each watch of exactly this key, and for every watch of a range. */
  visit(key: Bytes, visit: (entry: Subscription) => void): void {
    this.#byKey.get(key)?.forEach(visit);
    this.#ranges.forEach(visit);
  }
}
