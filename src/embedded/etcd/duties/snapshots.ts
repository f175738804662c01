import type { Clock } from "../../../domain/clock.ts";
import type { GroupCommit } from "../log/group-commit.ts";
import type { Machine } from "../state/machine.ts";
import type { HistoryKeeper } from "./history-keeper.ts";
import { takeSnapshot } from "./snapshot.ts";

interface Ports {
  readonly folder: string;
  readonly machine: Machine;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly history: HistoryKeeper;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** Takes a snapshot whenever the log has grown enough, one at a time. */
export class Snapshots {
  readonly #ports: Ports;
  readonly #afterBytes: number;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #lastBytes = 0; // a large state is not written again for a little log

  constructor(ports: Ports, afterBytes: number) {
    this.#ports = ports;
    this.#afterBytes = afterBytes;
  }

  /** To be called after commits. */
  check(): void {
    if (this.#running || this.#stop.signal.aborted) return;
    if (this.#ports.commit.segmentBytes > Math.max(this.#afterBytes, this.#lastBytes)) this.#running = this.#take();
  }

  /** Breaks off one that is being written; resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Never rejects: without a snapshot the log is longer, and nothing is lost. */
  async #take(): Promise<void> {
    const { folder, machine, commit, clock, history, log } = this.#ports;
    try {
      const pin = (revision: number) => history.pin(revision);
      const unpin = () => history.unpin();
      const taken = await takeSnapshot({ folder, machine, commit, clock, pin, unpin }, this.#stop.signal);
      if (taken) {
        this.#lastBytes = taken.bytes;
        log.info({ folder, ...taken }, "embedded store wrote a snapshot");
      }
    } catch (error) {
      this.#lastBytes += this.#afterBytes; // not again at the very next commit
      log.warn({ folder, error: String(error) }, "embedded store could not write a snapshot");
    }
    this.#running = null;
  }
}
