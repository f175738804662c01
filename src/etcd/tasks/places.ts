import type { TaskLimit } from "../../services/tasks.ts";
import type { EtcdKeys } from "../keys.ts";

/** The name under which a limit's places stand; null where the task has no key that its kind limits by. */
export const limitNameOf = (kind: string, limitKey: string | null, { per }: TaskLimit): string | null => {
  if (per === "kind") return kind;
  return limitKey === null ? null : `${kind}:${limitKey}`;
};

const NUMBER = /^(0|[1-9]\d{0,8})$/; // as rig spells it: "01" would be another key

/** Which places of the limits are taken, as events tell. */
export class TakenPlaces {
  readonly #keys: EtcdKeys;
  readonly #taken = new Map<string, Set<number>>();
  /** Places that a claim of ours has reached for, until the event tells. */
  readonly #reachedFor = new Set<string>();

  constructor(keys: EtcdKeys) {
    this.#keys = keys;
  }

  /** The key of a place that seems free; null where all are taken. */
  free(limitName: string, count: number): string | null {
    const taken = this.#taken.get(limitName);
    for (let number = 0; number < count; number++) {
      if (taken?.has(number)) continue;
      const key = this.#keys.tasks.place(limitName, number);
      if (!this.#reachedFor.has(key)) return key;
    }
    return null;
  }

  reachFor(key: string): void {
    this.#reachedFor.add(key);
  }

  letGo(key: string): void {
    this.#reachedFor.delete(key);
  }

  put(key: string): void {
    const place = this.#place(key);
    if (!place) return;
    const [name, number] = place;
    const taken = this.#taken.get(name) ?? new Set();
    this.#taken.set(name, taken.add(number));
  }

  remove(key: string): void {
    const place = this.#place(key);
    if (!place) return;
    const [name, number] = place;
    const taken = this.#taken.get(name);
    taken?.delete(number);
    if (taken?.size === 0) this.#taken.delete(name);
  }

  /** Null for another hand's key. */
  #place(key: string): [name: string, number: number] | null {
    const [name = "", number = "", ...more] = this.#keys.segments(key, this.#keys.tasks.places);
    return NUMBER.test(number) && more.length === 0 ? [name, Number(number)] : null;
  }
}
