import type { Duplex } from "node:stream";
import { ChunkReader } from "./chunk-reader.ts";
import { chunkMessage } from "./chunk-writer.ts";
import { Handshake } from "./handshake.ts";
import type { RtmpClock, RtmpLimits } from "./limits.ts";
import { LinkWatch } from "./link-watch.ts";
import { CONTROL, MESSAGE, numberMessage, type RtmpMessage, readUserControl, userControl } from "./message.ts";
import { RtmpError } from "./rtmp-error.ts";

/**
 * What a link tells its owner, in this order; `closed` comes once, with null after an orderly end.
 * An RtmpError that `ready` or `message` throws ends the link with it.
 */
export interface LinkEvents {
  ready(): void;
  message(message: RtmpMessage): void;
  closed(error: RtmpError | null): void;
}

export interface LinkOptions {
  readonly role: "server" | "client";
  readonly clock: RtmpClock;
  readonly limits: RtmpLimits;
}

/**
 * One RTMP connection over any Duplex: handshake, chunks, acknowledgements, pings, deadlines, an orderly end.
 * Never throws: every fault ends the link, and `closed` says why.
 */
export class RtmpLink {
  /** Resolves when the stream is closed and no timer is left. */
  readonly finished: Promise<void>;
  readonly #duplex: Duplex;
  readonly #limits: RtmpLimits;
  readonly #events: LinkEvents;
  readonly #watch: LinkWatch;
  readonly #handshake: Handshake;
  readonly #reader: ChunkReader;
  readonly #over = new AbortController();
  readonly #waiting = new Set<() => void>();
  #shaken = false;
  #ending = false;
  #corked = false;
  #error: RtmpError | null = null;
  #chunkSize = 128;
  #bytesIn = 0;
  #bytesOut = 0;
  #acknowledged = 0;
  #peerWindow: number;

  constructor(duplex: Duplex, { role, clock, limits }: LinkOptions, events: LinkEvents) {
    this.#duplex = duplex;
    this.#limits = limits;
    this.#events = events;
    this.#peerWindow = limits.windowBytes;
    this.#watch = new LinkWatch(clock, limits, role === "server");
    this.#handshake = new Handshake(role);
    this.#reader = new ChunkReader(limits);
    this.#watch.expect("handshake", limits.handshakeMs);
    const closed = new Promise<void>((resolve) => duplex.once("close", resolve));
    duplex.on("data", (bytes: Buffer) => this.#receive(bytes));
    duplex.on("drain", () => this.#wake());
    duplex.on("end", () => this.end());
    duplex.on("error", (cause) => {
      this.#error ??= new RtmpError("SOCKET", cause.message, { cause });
    });
    duplex.once("close", () => this.#close());
    this.finished = Promise.all([closed, this.#watch.run(this, this.#over.signal)]).then(() => {});
    const hello = this.#handshake.open();
    if (hello) this.write(hello);
  }

  get bytesIn(): number {
    return this.#bytesIn;
  }

  /** Bytes that wait in this process for the peer to take them. */
  get queuedBytes(): number {
    return this.#duplex.writableLength;
  }

  get flushedBytes(): number {
    return this.#bytesOut - this.#duplex.writableLength;
  }

  /** False once it ends, or has ended. */
  get isOpen(): boolean {
    return !this.#ending && !this.#duplex.destroyed;
  }

  /** The size in which `send` cuts messages. */
  get chunkSize(): number {
    return this.#chunkSize;
  }

  send(message: RtmpMessage): void {
    this.write(chunkMessage(message, this.#chunkSize));
  }

  /** Writes bytes that are chunks already. All writes of one turn leave in one system call. */
  write(wire: Buffer): void {
    if (!this.isOpen) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#duplex.cork();
      process.nextTick(() => this.#uncork());
    }
    this.#bytesOut += wire.length;
    this.#duplex.write(wire);
    if (this.queuedBytes > this.#limits.maxQueuedBytes)
      this.fail(new RtmpError("LIMIT", "the peer does not take what it is sent"));
  }

  /** Resolves when the queue is below the stream's high-water mark, or the link closed. Never rejects. */
  async drained(): Promise<void> {
    if (this.isOpen && this.#duplex.writableNeedDrain) await new Promise<void>((wake) => this.#waiting.add(wake));
  }

  /** Tells the peer a new chunk size, and uses it from here on. */
  setChunkSize(bytes: number): void {
    this.send(numberMessage(MESSAGE.setChunkSize, bytes));
    this.#chunkSize = bytes;
  }

  /** The longest message that is taken from now on. */
  allowMessages(maxBytes: number): void {
    this.#reader.maxMessageBytes = maxBytes;
  }

  /** The link fails with TIMEOUT unless `relax` or another `expect` comes within `ms`. */
  expect(what: string, ms: number): void {
    this.#watch.expect(what, ms);
  }

  relax(): void {
    this.#watch.relax();
  }

  /** Leaves what comes to the kernel, and so holds the peer back. */
  pauseReading(): void {
    this.#watch.listen(false);
    this.#duplex.pause();
  }

  resumeReading(): void {
    this.#watch.listen(true);
    this.#duplex.resume();
  }

  ping(): void {
    if (this.#shaken) this.send(userControl(CONTROL.ping, Math.trunc(this.#bytesIn)));
  }

  /** Ends in order: what is queued is flushed, then FIN; what still comes is thrown away. Safe to repeat. */
  end(withinMs = this.#limits.endMs): void {
    if (this.#ending) return;
    this.#uncork();
    this.#ending = true;
    this.#watch.expect("end", withinMs);
    this.#duplex.end();
    this.#duplex.resume(); // to see the peer's FIN
    this.#wake();
  }

  /** Ends at once, with a reason. Safe to repeat. */
  fail(error: RtmpError | null): void {
    if (!this.#ending) this.#error ??= error;
    this.#ending = true;
    this.#duplex.destroy();
  }

  /**
   * Runs what handles input. An RtmpError that it throws is its verdict on the peer. Anything else is a bug, and one
   * connection's fault must not end the process that carries all the others: it ends the link as HANDLER.
   */
  guard(handle: () => void): void {
    try {
      handle();
    } catch (cause) {
      this.fail(cause instanceof RtmpError ? cause : new RtmpError("HANDLER", "handling what came failed", { cause }));
    }
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#duplex.uncork();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #close(): void {
    this.#ending = true;
    this.#over.abort();
    this.#wake();
    this.#events.closed(this.#error);
  }

  #receive(bytes: Buffer): void {
    if (this.#ending) return;
    this.#bytesIn += bytes.length;
    this.#watch.heard();
    this.guard(() => {
      const chunks = this.#shaken ? bytes : this.#shake(bytes);
      const error = chunks && this.#reader.push(chunks, (message) => this.#take(message));
      if (error) this.fail(error);
    });
    if (this.isOpen && this.#bytesIn - this.#acknowledged >= this.#peerWindow) this.#acknowledge();
  }

  #shake(bytes: Buffer): Buffer | null {
    const { failed, reply, rest } = this.#handshake.push(bytes);
    if (failed) this.fail(new RtmpError("HANDSHAKE", "not RTMP version 3"));
    if (reply) this.write(reply);
    if (!rest) return null;
    this.#shaken = true;
    this.#watch.relax();
    this.#events.ready();
    return rest;
  }

  #acknowledge(): void {
    this.#acknowledged = this.#bytesIn;
    this.send(numberMessage(MESSAGE.acknowledgement, this.#bytesIn)); // modulo 2^32
  }

  #take(message: RtmpMessage): void {
    if (this.#ending) return;
    const { type, payload } = message;
    if (type === MESSAGE.windowAckSize && payload.length >= 4)
      this.#peerWindow = Math.max(1024, payload.readUInt32BE(0));
    else if (type === MESSAGE.setPeerBandwidth && payload.length >= 4)
      this.send(numberMessage(MESSAGE.windowAckSize, payload.readUInt32BE(0)));
    else if (type === MESSAGE.userControl && readUserControl(payload)?.event === CONTROL.ping)
      this.send(userControl(CONTROL.pong, readUserControl(payload)?.value ?? 0));
    else this.#events.message(message);
  }
}
