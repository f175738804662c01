/** Why a running task is aborted; the reason of its signal. */
export type TaskStop =
  | { readonly why: "cancelled"; readonly by: string }
  | { readonly why: "stopping" | "claim in doubt" | "too long" };

/**
 * Aborts one running task, once. Few handlers look at their signal, and a signal takes longer than all else that is done
 * for a task in this process (15 µs of CPU, Node 20): it is made when somebody asks for it.
 */
export class TaskSwitch {
  #stop: TaskStop | null = null;
  #controller: AbortController | null = null;
  #onAbort: (() => void) | null = null;

  /** Why it was aborted; null where it was not. */
  get stop(): TaskStop | null {
    return this.#stop;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#stop) this.#controller.abort(this.#stop);
    }
    return this.#controller.signal;
  }

  /** The first reason stays. */
  abort(stop: TaskStop): void {
    if (this.#stop) return;
    this.#stop = stop;
    this.#controller?.abort(stop);
    this.#onAbort?.();
  }

  /** Calls back at the abort; for whoever runs the task: there is one. */
  onAbort(listener: () => void): void {
    this.#onAbort = listener;
    if (this.#stop) listener();
  }
}
