import { readAudioTag } from "./audio-tag.ts";
import { MESSAGE, type MediaMessage } from "./message.ts";
import { readVideoTag } from "./video-tag.ts";

/** `onMetaData` as an AMF0 string, which is how its message begins. */
const ON_META_DATA = Buffer.from("\x02\x00\x0aonMetaData", "latin1");

/** True for what a decoder needs before the first frame: metadata and sequence headers. */
export function isHeader({ type, payload }: MediaMessage): boolean {
  if (type === MESSAGE.video) return readVideoTag(payload)?.kind === "sequence header";
  if (type === MESSAGE.audio) return readAudioTag(payload)?.kind === "sequence header";
  return payload.subarray(0, ON_META_DATA.length).equals(ON_META_DATA);
}

/** The newest metadata and sequence headers of a stream: what a player that comes later is told first. */
export class MediaCache<M extends MediaMessage = MediaMessage> {
  readonly #headers = new Map<MediaMessage["type"], M>();
  #revision = 0;

  /** Goes up whenever a header is replaced. */
  get revision(): number {
    return this.#revision;
  }

  /** Keeps the message where it is a header. @returns whether it is one */
  take(message: M): boolean {
    if (!isHeader(message)) return false;
    this.#headers.set(message.type, message);
    this.#revision += 1;
    return true;
  }

  /** Metadata, video header, audio header, as far as there are any. */
  headers(): M[] {
    return [MESSAGE.data, MESSAGE.video, MESSAGE.audio].flatMap((type) => this.#headers.get(type) ?? []);
  }
}
