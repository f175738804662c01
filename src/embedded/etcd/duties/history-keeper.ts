import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../../domain/clock.ts";
import type { Engine } from "../engine.ts";
import type { StoreLimits } from "../limits.ts";
import { StoreError } from "../store-error.ts";

const CHECK_MS = 30_000;
// past this the event loop belongs to others for a turn
const SLICE_MS = 5;
// so that a full history is not compacted at every single commit
const SLACK = 1.1;

interface Mark {
  readonly at: number;
  readonly revision: number;
}

/** Keeps the history within its limits and frees the memory of what was compacted. */
export class HistoryKeeper {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #limits: StoreLimits;
  #marks: Mark[] = [];
  #compacted = 0; // durably
  #pinned = Number.POSITIVE_INFINITY;
  #trimming: Promise<void> | null = null;
  #compacting: Promise<void> | null = null;

  constructor(engine: Engine, clock: Clock, limits: StoreLimits) {
    this.#engine = engine;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Compacts what is older than the limit, until aborted; resolves when nothing of it runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(CHECK_MS, signal);
      if (!signal.aborted) await this.#forgetOld();
    }
    await this.#compacting;
    await this.#trimming;
  }

  /** Compacts where the history holds too much; to be called after commits. */
  check(): void {
    const { history, revision } = this.#engine.machine.keyspace;
    const { historyRevisions, historyBytes } = this.#limits;
    if (this.#compacting || this.#pinned !== Number.POSITIVE_INFINITY) return;
    if (history.length > historyRevisions * SLACK) this.#compacting = this.#compactTo(revision - historyRevisions);
    else if (history.bytes > historyBytes * SLACK) this.#compacting = this.#compactTo(revision - (history.length >> 1));
  }

  /** Compacts for a client and frees the memory. @throws StoreError */
  async compact(revision: number): Promise<void> {
    await this.#engine.perform((machine) => machine.compact(revision));
    this.#compacted = Math.max(this.#compacted, revision);
    this.#trimming ??= this.#trim();
  }

  /** Keeps what a reader at this revision needs until `unpin`: a snapshot that is being written. */
  pin(revision: number): void {
    this.#pinned = revision;
  }

  unpin(): void {
    this.#pinned = Number.POSITIVE_INFINITY;
    this.#trimming ??= this.#trim();
  }

  async #forgetOld(): Promise<void> {
    const now = this.#clock.monotonic();
    const { revision } = this.#engine.machine.keyspace;
    if (this.#marks.at(-1)?.revision !== revision) this.#marks.push({ at: now, revision });
    let old = 0;
    while (this.#marks[0] && this.#marks[0].at < now - this.#limits.historyMs) old = this.#marks.shift()?.revision ?? 0;
    if (old > 0) await this.#compactTo(old);
  }

  /** Never rejects: that a client compacted further, or the store has stopped, is as good. */
  async #compactTo(revision: number): Promise<void> {
    try {
      await this.compact(revision);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    } finally {
      this.#compacting = null;
    }
  }

  async #trim(): Promise<void> {
    const { keyspace } = this.#engine.machine;
    for (;;) {
      const until = this.#clock.monotonic() + SLICE_MS;
      if (keyspace.trim(Math.min(this.#compacted, this.#pinned), () => this.#clock.monotonic() > until)) break;
      await nextTurn();
    }
    this.#trimming = null;
  }
}
