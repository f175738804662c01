import type { Clock } from "../domain/clock.ts";
import { isRigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { shownFailure } from "../domain/store-failure.ts";

interface FailureLogPorts {
  /** What fails and works again, in the log's words. */
  readonly what: string;
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Pick<Log, "info" | "error">;
}

const EVERY_MS = 10_000;
const QUIET_MS = 3_000; // what was asked before a store came back may fail 2 s later

/**
 * Ten thousand failures a second as a few lines of the log: the first of each code at once, from then on every 10 s how
 * many there were by their codes, and once when it works again. Without a timer: it speaks when it is told something.
 */
export class FailureLog {
  readonly #ports: FailureLogPorts;
  /** The failures since the last line. */
  readonly #untold = new Map<string, number>();
  readonly #toldCodes = new Set<string>();
  #toldAt = 0;
  #firstAt = 0;
  /** Null while all works. */
  #lastAt: number | null = null;

  constructor(ports: FailureLogPorts) {
    this.#ports = ports;
  }

  failed(error: unknown): void {
    const { clock, log, what } = this.#ports;
    const [now, code] = [clock.monotonic(), isRigError(error) ? error.code : "INTERNAL"];
    if (this.#lastAt === null) this.#firstAt = now;
    this.#lastAt = now;
    this.#untold.set(code, (this.#untold.get(code) ?? 0) + 1);
    if (this.#toldCodes.has(code) && now - this.#toldAt < EVERY_MS) return;
    this.#toldCodes.add(code);
    this.#toldAt = now;
    log.error({ failed: this.#takeUntold(), ...shownFailure(error) }, `${what} fail`);
  }

  worked(): void {
    if (this.#lastAt === null) return; // the usual, which costs no look at the clock
    const { clock, log, what } = this.#ports;
    if (clock.monotonic() - this.#lastAt < QUIET_MS) return;
    log.info(
      { failed: this.#takeUntold(), failedForMs: Math.round(this.#lastAt - this.#firstAt) },
      `${what} work again`,
    );
    this.#toldCodes.clear();
    this.#lastAt = null;
  }

  #takeUntold(): Record<string, number> {
    const counts = Object.fromEntries(this.#untold);
    this.#untold.clear();
    return counts;
  }
}
