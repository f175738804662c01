import { readAudioTag } from "../../rtmp/audio-tag.ts";
import { chunkMessage } from "../../rtmp/chunk-writer.ts";
import { isHeader } from "../../rtmp/media-cache.ts";
import { MESSAGE, type MediaMessage } from "../../rtmp/message.ts";
import { readVideoTag } from "../../rtmp/video-tag.ts";

/** What a message is to a player: headers come first, and decoding can begin at a key frame. */
export type FrameKind = "header" | "key" | "video" | "audio" | "data";

/** One message of a publish on its way to the players: looked at once, cut into chunks once. */
export class LiveFrame implements MediaMessage {
  readonly type: MediaMessage["type"];
  readonly timestamp: number;
  readonly payload: Buffer;
  readonly kind: FrameKind;
  /** The codec that its first bytes name; null for data and for what is too short to tell. */
  readonly codec: string | null;
  readonly #wires = new Map<string, Buffer>();

  constructor({ type, timestamp, payload }: MediaMessage) {
    this.type = type;
    this.timestamp = timestamp;
    this.payload = payload;
    const video = type === MESSAGE.video ? readVideoTag(payload) : null;
    const audio = type === MESSAGE.audio ? readAudioTag(payload) : null;
    this.codec = video?.codec ?? audio?.codec ?? null;
    if (isHeader(this)) this.kind = "header";
    else if (type === MESSAGE.video) this.kind = video?.isKey ? "key" : "video";
    else this.kind = type === MESSAGE.audio ? "audio" : "data";
  }

  /** Its chunks; players with the same stream id and chunk size, which is all of them, share the same bytes. */
  wire(streamId: number, chunkSize: number): Buffer {
    const key = `${streamId}/${chunkSize}`;
    let wire = this.#wires.get(key);
    if (!wire) {
      wire = chunkMessage({ type: this.type, timestamp: this.timestamp, payload: this.payload, streamId }, chunkSize);
      this.#wires.set(key, wire);
    }
    return wire;
  }
}
