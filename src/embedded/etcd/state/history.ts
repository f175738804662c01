import { type KeyRecord, recordBytes } from "./record.ts";

/** What every revision since the last compaction changed. Revisions follow each other without a gap. */
export class History {
  #first: number;
  #entries: (readonly KeyRecord[])[] = [];
  #head = 0; // entries before it are dropped; the array is cut when they are half of it
  #bytes = 0;

  /** @param first the first revision that will be pushed */
  constructor(first: number) {
    this.#first = first;
  }

  /** The oldest revision that is kept. */
  get first(): number {
    return this.#first;
  }

  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** What the kept records take in memory, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the changes of the next revision. */
  push(changes: readonly KeyRecord[]): void {
    this.#entries.push(changes);
    for (const change of changes) this.#bytes += recordBytes(change);
  }

  /** The changes of a revision in the order they were made; none for one that is not kept. */
  at(revision: number): readonly KeyRecord[] {
    return revision < this.#first ? [] : (this.#entries[this.#head + revision - this.#first] ?? []);
  }

  /** Drops the oldest revision and answers its changes. */
  shift(): readonly KeyRecord[] {
    const changes = this.#entries[this.#head] ?? [];
    for (const change of changes) this.#bytes -= recordBytes(change);
    this.#entries[this.#head] = [];
    this.#head += 1;
    this.#first += 1;
    if (this.#head > 1_000 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return changes;
  }
}
