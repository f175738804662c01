/**
 * What is done beside the beats of a lease, so that no beat waits for it: putting keys back after a new grant, and small
 * errands. What fails is done again at the next beat.
 */
export class LeaseChores {
  readonly #putBacks = new Set<() => Promise<void>>();
  readonly #errands = new Set<() => Promise<void>>();
  readonly #onPutBack: () => void;
  #grants = 0;
  #putBackFor = 0;
  #running: Promise<void> | null = null;

  constructor(onPutBack: () => void) {
    this.#onPutBack = onPutBack;
  }

  /** Answers how to stop being called. */
  onRegranted(putBack: () => Promise<void>): () => void {
    this.#putBacks.add(putBack);
    return () => this.#putBacks.delete(putBack);
  }

  onBeat(errand: () => Promise<void>): () => void {
    this.#errands.add(errand);
    return () => this.#errands.delete(errand);
  }

  /** A lost lease was replaced: everything must be put back. */
  granted(): void {
    this.#grants += 1;
  }

  /** Starts what is to be done, unless it is being done. */
  start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves when nothing runs. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      const grant = this.#grants;
      if (this.#putBackFor < grant) {
        for (const putBack of this.#putBacks) await putBack();
        this.#putBackFor = grant;
        this.#onPutBack();
      }
      for (const errand of this.#errands) await errand();
    } catch {
      // Etcd went away again: the next beat that it answers starts anew.
    }
  }
}
