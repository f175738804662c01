import { statusMessage } from "./command.ts";
import type { RtmpLink } from "./link.ts";
import { CONTROL, type MediaMessage, userControl } from "./message.ts";

/** A player of a server. It never holds the server back: look at `queuedBytes` before you send. */
export class RtmpPlayer {
  readonly #link: RtmpLink;
  readonly #endMs: number;
  /** The net stream that its media must carry. */
  readonly streamId: number;

  constructor(link: RtmpLink, streamId: number, endMs: number) {
    this.#link = link;
    this.#endMs = endMs;
    this.streamId = streamId;
  }

  /** Bytes that it has not taken yet. */
  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  /** In which size its messages are cut. */
  get chunkSize(): number {
    return this.#link.chunkSize;
  }

  send(message: MediaMessage): void {
    this.#link.send({ ...message, streamId: this.streamId });
  }

  /** Sends what `chunkMessage` made for this player's `streamId` and `chunkSize`: made once, sent to many. */
  sendChunks(wire: Buffer): void {
    this.#link.write(wire);
  }

  /** Ends its stream after all that is queued: it sees the end of the stream, then the connection closes. */
  end(): void {
    this.#link.send(userControl(CONTROL.streamEof, this.streamId));
    this.#link.send(statusMessage(this.streamId, "status", "NetStream.Play.UnpublishNotify", "the stream has ended"));
    this.#link.end(this.#endMs);
  }
}
