import type { GroupCommit } from "./log/group-commit.ts";
import type { Machine } from "./state/machine.ts";
import { refuse, StoreError } from "./store-error.ts";
import type { WatchHub } from "./watch/watch-hub.ts";

/**
 * Joins state, log and watches: a step changes the state in memory at once; its answer and its events come out when
 * the log has it on disk.
 */
export class Engine {
  readonly machine: Machine;
  readonly hub: WatchHub;
  readonly #commit: GroupCommit;
  #closed = false;

  /** @param machine fully replayed, and writing to `commit` */
  constructor(machine: Machine, hub: WatchHub, commit: GroupCommit) {
    this.machine = machine;
    this.hub = hub;
    this.#commit = commit;
  }

  /**
   * Runs one step on the state and answers when everything that it could see is on disk.
   * @throws StoreError the step's own refusal, or UNAVAILABLE once the store has stopped
   */
  async perform<T>(step: (machine: Machine) => T): Promise<T> {
    if (this.#closed || this.#commit.failure !== null) throw refuse.stopped(this.#commit.failure ?? undefined);
    const { refusal, result } = attempt(() => step(this.machine));
    if (!this.#commit.settled) await this.#durable();
    if (refusal !== null) throw refusal;
    return result as T;
  }

  /** Takes no step from now on; resolves when those before are on disk. Safe to repeat. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#commit.close();
  }

  async #durable(): Promise<void> {
    try {
      await this.#commit.durable(this.#commit.position);
    } catch (cause) {
      throw refuse.stopped(cause);
    }
  }
}

function attempt<T>(step: () => T): { refusal: StoreError | null; result: T | null } {
  try {
    return { refusal: null, result: step() };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { refusal: error, result: null };
  }
}
