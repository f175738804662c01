import { commandMessage } from "./command.ts";
import type { RtmpLink } from "./link.ts";
import { SET_DATA_FRAME } from "./media-message.ts";
import { MESSAGE, type MediaMessage } from "./message.ts";
import { RtmpError } from "./rtmp-error.ts";

/** A name that a client publishes. */
export class RtmpPublisher {
  readonly #link: RtmpLink;
  readonly #name: string;
  readonly #streamId: number;
  readonly #closed: Promise<RtmpError | null>;

  constructor(link: RtmpLink, name: string, streamId: number, closed: Promise<RtmpError | null>) {
    this.#link = link;
    this.#name = name;
    this.#streamId = streamId;
    this.#closed = closed;
  }

  /** Bytes that the server has not taken yet. */
  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  /**
   * Sends one message (an FLV tag is one) and resolves when the next may follow: await it, and a slow server slows
   * you down. Data goes out as `@setDataFrame`.
   * @throws RtmpError CLOSED, or why the connection ended
   */
  async send(message: MediaMessage): Promise<void> {
    const { type, timestamp, payload } = message;
    const isBare = type === MESSAGE.data && !payload.subarray(0, SET_DATA_FRAME.length).equals(SET_DATA_FRAME);
    const body = isBare ? Buffer.concat([SET_DATA_FRAME, payload]) : payload;
    this.#link.send({ type, timestamp, payload: body, streamId: this.#streamId });
    await this.#link.drained();
    if (!this.#link.isOpen) throw (await this.#closed) ?? new RtmpError("CLOSED", "the server closed the connection");
  }

  /** Unpublishes after all that is queued, closes, and resolves when the connection is closed. Never rejects. */
  async end(): Promise<void> {
    this.#link.send(commandMessage("FCUnpublish", 0, [null, this.#name]));
    this.#link.send(commandMessage("deleteStream", 0, [null, this.#streamId]));
    this.#link.end();
    await this.#closed;
  }
}

/** A name that a client plays. */
export class RtmpPlayback {
  /** Resolves when the server ends the stream, or the connection does. Never rejects. */
  readonly ended: Promise<void>;
  readonly #link: RtmpLink;
  readonly #onMessage: (message: MediaMessage) => void;
  readonly #closed: Promise<RtmpError | null>;
  #finish: () => void = () => {};

  constructor(link: RtmpLink, onMessage: (message: MediaMessage) => void, closed: Promise<RtmpError | null>) {
    this.#link = link;
    this.#onMessage = onMessage;
    this.#closed = closed;
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** For the connection: media came. */
  take(message: MediaMessage): void {
    this.#onMessage(message);
  }

  /** For the connection: no more will come. */
  finish(): void {
    this.#finish();
  }

  /** Stops reading: the server sees a slow player. */
  pause(): void {
    this.#link.pauseReading();
  }

  resume(): void {
    this.#link.resumeReading();
  }

  /** Closes and resolves when the connection is closed. Never rejects. */
  async end(): Promise<void> {
    this.#link.end();
    await this.#closed;
  }
}
