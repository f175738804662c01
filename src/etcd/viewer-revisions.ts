import type { Listing } from "./listing.ts";

interface Note {
  readonly at: number;
  readonly revision: number;
}

const NOTE_EVERY_MS = 1_000; // closer ones tell nothing new

/** When a store had reached which revision, by a monotonic clock: a key's age shows in its revision, whatever clocks wrote it. */
export class ViewerRevisions {
  #notes: Note[] = [];
  #clusterId: string | null = null;

  /** `at`: when its answer was here. False for a store that was replaced or put back: what was known of it is forgotten. */
  note({ revision, clusterId }: Pick<Listing, "revision" | "clusterId">, at: number): boolean {
    const last = this.#notes.at(-1);
    const isSame = clusterId === this.#clusterId && revision >= (last?.revision ?? 0);
    if (!isSame) this.#notes = [];
    this.#clusterId = clusterId;
    if (!isSame || !last || at - last.at >= NOTE_EVERY_MS) this.#notes.push({ at, revision });
    return isSame;
  }

  /** Keys of this revision or before were written before `at`; null where nothing is known of that time. */
  writtenBefore(at: number): number | null {
    const later = this.#notes.findIndex((note) => note.at > at);
    const known = later === -1 ? this.#notes.length : later;
    if (known === 0) return null;
    this.#notes.splice(0, known - 1); // answers no later question
    return this.#notes[0]?.revision ?? null;
  }
}
