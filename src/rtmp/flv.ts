import { isMediaType, type MediaMessage } from "./message.ts";

const FILE_HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
const TRAILER_BYTES = 4;

/** One tag of an FLV file, which is one media message. */
export type FlvTag = MediaMessage;

/**
 * All audio, video and data tags of an FLV file; null where it is no FLV at all. A file that was cut short gives the
 * tags that are whole. Payloads share the file's memory. Never throws.
 */
export function parseFlv(file: Buffer): FlvTag[] | null {
  if (file.length < FILE_HEADER_BYTES || file.toString("latin1", 0, 3) !== "FLV") return null;
  const tags: FlvTag[] = [];
  let at = file.readUInt32BE(5) + TRAILER_BYTES;
  while (at + TAG_HEADER_BYTES <= file.length) {
    const type = file.readUInt8(at) & 0x1f;
    const start = at + TAG_HEADER_BYTES;
    const end = start + file.readUIntBE(at + 1, 3);
    if (end > file.length) break;
    const timestamp = file.readUInt8(at + 7) * 0x1000000 + file.readUIntBE(at + 4, 3);
    if (isMediaType(type)) tags.push({ type, timestamp, payload: file.subarray(start, end) });
    at = end + TRAILER_BYTES;
  }
  return tags;
}

/** The beginning of an FLV file, which says that both audio and video may follow. */
export const flvHeader = (): Buffer => Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

/** One tag with its trailer, to be appended to a file that begins with `flvHeader`. */
export function flvTag({ type, timestamp, payload }: FlvTag): Buffer {
  const tag = Buffer.alloc(TAG_HEADER_BYTES + payload.length + TRAILER_BYTES);
  tag[0] = type;
  tag.writeUIntBE(payload.length, 1, 3);
  tag.writeUIntBE(timestamp & 0xffffff, 4, 3);
  tag[7] = timestamp >>> 24;
  payload.copy(tag, TAG_HEADER_BYTES);
  tag.writeUInt32BE(TAG_HEADER_BYTES + payload.length, TAG_HEADER_BYTES + payload.length);
  return tag;
}

/** A whole FLV file. */
export const writeFlv = (tags: readonly FlvTag[]): Buffer => Buffer.concat([flvHeader(), ...tags.map(flvTag)]);
