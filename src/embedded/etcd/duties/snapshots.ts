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

/** Takes a snapshot whenever the log has grown enough, or when told to; one at a time. */
export class Snapshots {
  readonly #ports: Ports;
  readonly #afterBytes: number;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #lastBytes: number; // a large state is not written again for a little log
  #failedBytes = 0; // nor at every commit where the disk refuses it
  #olderLogBytes = 0; // in segments that the next snapshot makes superfluous

  /** @param lastBytes of the snapshot that stands on disk; 0 for none */
  constructor(ports: Ports, afterBytes: number, lastBytes: number) {
    this.#ports = ports;
    this.#afterBytes = afterBytes;
    this.#lastBytes = lastBytes;
  }

  /** Bytes of the snapshot that stands on disk, and of the log behind it. */
  get diskBytes(): number {
    return this.#lastBytes + this.#olderLogBytes + this.#ports.commit.segmentBytes;
  }

  /** To be called after commits. */
  check(): void {
    if (this.#running || this.#stop.signal.aborted) return;
    if (this.#ports.commit.segmentBytes <= Math.max(this.#afterBytes, this.#lastBytes + this.#failedBytes)) return;
    this.#take().catch((error: unknown) => {
      this.#failedBytes += this.#afterBytes; // without a snapshot the log is longer, and nothing is lost
      this.#ports.log.warn(
        { folder: this.#ports.folder, error: String(error) },
        "embedded store could not write a snapshot",
      );
    });
  }

  /** Takes one of the state as it is now, in the place of the log before it. @throws the disk's error, or the log's failure */
  async take(): Promise<void> {
    while (this.#running) await this.#running.catch(() => {}); // whoever began that one hears of it
    if (!this.#stop.signal.aborted) await this.#take();
    if (this.#stop.signal.aborted) throw new Error("the store is stopping");
  }

  /** Breaks off one that is being written; resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => {});
  }

  #take(): Promise<void> {
    this.#running = this.#write().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #write(): Promise<void> {
    const { folder, machine, commit, clock, history, log } = this.#ports;
    const pin = (revision: number) => history.pin(revision);
    const unpin = () => history.unpin();
    this.#olderLogBytes += commit.segmentBytes;
    const taken = await takeSnapshot({ folder, machine, commit, clock, pin, unpin }, this.#stop.signal);
    if (!taken) return;
    this.#lastBytes = taken.bytes;
    this.#failedBytes = 0;
    this.#olderLogBytes = 0;
    log.info({ folder, ...taken }, "embedded store wrote a snapshot");
  }
}
