import { RigError } from "../domain/errors.ts";
import type { Etcd } from "./client.ts";
import type { KeepAliveStream } from "./keep-alive-stream.ts";

/** Asks etcd to keep a lease, over one stream that is opened anew when it fails. */
export class KeepAlive {
  readonly #etcd: Pick<Etcd, "keepAlive" | "clock">;
  #stream: KeepAliveStream | null = null;
  #closed = false;

  constructor(etcd: Pick<Etcd, "keepAlive" | "clock">) {
    this.#etcd = etcd;
  }

  /**
   * The lease's new time to live in seconds; 0 where it is gone.
   * @throws RigError ETCD_UNREACHABLE where no answer came within `waitMs` or before `hurry` aborted
   */
  async ask(leaseId: string, waitMs: number, hurry: AbortSignal): Promise<number> {
    const tooLate = this.#etcd.clock.sleep(waitMs, hurry).then(() => {
      throw new RigError("ETCD_UNREACHABLE", `etcd: no answer to a keep-alive within ${waitMs} ms`);
    });
    try {
      return await Promise.race([this.#askOnStream(leaseId), tooLate]);
    } catch (error) {
      if (!hurry.aborted) this.#stream?.abandon();
      this.#hangUp();
      throw error;
    }
  }

  /** Asks no more, not even on a stream that is only being opened. */
  close(): void {
    this.#closed = true;
    this.#hangUp();
  }

  #hangUp(): void {
    this.#stream?.end();
    this.#stream = null;
  }

  async #askOnStream(leaseId: string): Promise<number> {
    const stream = this.#stream ?? (await this.#etcd.keepAlive());
    this.#stream = stream;
    if (this.#closed) {
      this.#hangUp();
      throw new RigError("ETCD_UNREACHABLE", "etcd: the lease is being given up");
    }
    return await new Promise((resolve, reject) => {
      stream.onAnswer = (id, ttlSeconds) => id === leaseId && resolve(ttlSeconds);
      stream.onEnd = reject;
      stream.ask(leaseId);
    });
  }
}
