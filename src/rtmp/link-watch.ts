import type { RtmpClock, RtmpLimits } from "./limits.ts";
import { RtmpError } from "./rtmp-error.ts";

const TICK_MS = 1_000;
const LATE_MS = 1_000; // a tick this late means that we stood still, not the peer: all windows begin anew

/** What the watch needs from the connection that it watches. */
export interface Watched {
  readonly queuedBytes: number;
  /** Bytes that have left for good; only grows. */
  readonly flushedBytes: number;
  /** Asks the peer for a sign of life. */
  ping(): void;
  fail(error: RtmpError): void;
}

/** The deadlines of one connection: what it must do next, signs of life, and that queued bytes move. */
export class LinkWatch {
  readonly #clock: RtmpClock;
  readonly #limits: RtmpLimits;
  readonly #pings: boolean;
  #expected: { readonly what: string; at: number } | null = null;
  #heardAt: number;
  #nextPingAt: number;
  #pingedAt: number | null = null;
  #listening = true;
  #flushed = 0;
  #flushedAt: number;

  constructor(clock: RtmpClock, limits: RtmpLimits, pings: boolean) {
    this.#clock = clock;
    this.#limits = limits;
    this.#pings = pings;
    this.#heardAt = this.#flushedAt = clock.monotonic();
    this.#nextPingAt = this.#heardAt + limits.pingMs;
  }

  /** The connection fails unless `relax` or another `expect` comes within `ms`. */
  expect(what: string, ms: number): void {
    this.#expected = { what, at: this.#clock.monotonic() + ms };
  }

  relax(): void {
    this.#expected = null;
  }

  /** While we do not read ourselves the peer cannot be asked for a sign of life. */
  listen(listening: boolean): void {
    this.#listening = listening;
    this.#pingedAt = null;
  }

  /** Bytes came. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** Looks once a second; resolves when the signal aborts. */
  async run(link: Watched, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const before = this.#clock.monotonic();
      await this.#clock.sleep(TICK_MS, signal);
      if (signal.aborted) return;
      const lateMs = this.#clock.monotonic() - before - TICK_MS;
      if (lateMs > LATE_MS) this.#excuse(lateMs);
      const error = this.#overdue(link);
      if (error) link.fail(error);
      else if (this.#pings) this.#askForLife(link);
    }
  }

  #excuse(lateMs: number): void {
    if (this.#expected) this.#expected.at += lateMs;
    if (this.#pingedAt !== null) this.#pingedAt += lateMs;
    this.#flushedAt += lateMs;
  }

  #overdue(link: Watched): RtmpError | null {
    const now = this.#clock.monotonic();
    if (this.#expected && now >= this.#expected.at)
      return new RtmpError("TIMEOUT", `no ${this.#expected.what} in time`);
    if (link.queuedBytes === 0 || link.flushedBytes !== this.#flushed) {
      this.#flushed = link.flushedBytes;
      this.#flushedAt = now;
    } else if (now - this.#flushedAt >= this.#limits.stallMs)
      return new RtmpError("TIMEOUT", "the peer has stopped reading");
    if (this.#pingedAt === null || this.#heardAt > this.#pingedAt) this.#pingedAt = null;
    else if (now - this.#pingedAt >= this.#limits.pingAnswerMs) return new RtmpError("TIMEOUT", "no sign of life");
    return null;
  }

  #askForLife(link: Watched): void {
    const now = this.#clock.monotonic();
    if (now < this.#nextPingAt || !this.#listening) return;
    this.#nextPingAt = now + this.#limits.pingMs;
    this.#pingedAt ??= now;
    link.ping();
  }
}
