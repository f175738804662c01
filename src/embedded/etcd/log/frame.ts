import { crc32 } from "node:zlib";

/*
 * A frame is what one fdatasync makes durable: magic, length of the payload, sequence number, check sum, payload. The
 * next frame is written only after this one is on disk, so a bad frame with a good one behind it is damage, and a bad
 * frame with nothing behind it is a write that never finished.
 */

const MAGIC = 0x31_67_69_72; // "rig1" in the file
/** Bytes before the payload. */
export const FRAME_HEAD_BYTES = 20;
/** No frame is larger: a group commit takes no more than this at once. */
export const FRAME_LIMIT_BYTES = 64 * 1_024 * 1_024;

export interface Frame {
  readonly sequence: number;
  readonly payload: Buffer;
  /** Where the next frame begins. */
  readonly end: number;
}

/** Fills in the head of a frame whose first FRAME_HEAD_BYTES were left free. */
export function sealFrame(frame: Buffer, sequence: number): Buffer {
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(frame.length - FRAME_HEAD_BYTES, 4);
  frame.writeBigUInt64LE(BigInt(sequence), 8);
  frame.writeUInt32LE(checksum(frame, 0, frame.length), 16);
  return frame;
}

/** The frame that begins at `at`; null where there is none that is whole and intact. */
export function readFrame(file: Buffer, at: number): Frame | null {
  if (at + FRAME_HEAD_BYTES > file.length || file.readUInt32LE(at) !== MAGIC) return null;
  const end = at + FRAME_HEAD_BYTES + file.readUInt32LE(at + 4);
  if (end > file.length || end - at > FRAME_LIMIT_BYTES) return null;
  if (file.readUInt32LE(at + 16) !== checksum(file, at, end)) return null;
  const sequence = Number(file.readBigUInt64LE(at + 8));
  return { sequence, payload: file.subarray(at + FRAME_HEAD_BYTES, end), end };
}

/** The first intact frame at or behind `from` that follows `sequence`; null where there is none. */
export function findLaterFrame(file: Buffer, from: number, sequence: number): Frame | null {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(MAGIC);
  for (let at = file.indexOf(magic, from); at >= 0; at = file.indexOf(magic, at + 1)) {
    const frame = readFrame(file, at);
    if (frame && frame.sequence > sequence) return frame;
  }
  return null;
}

const checksum = (file: Buffer, at: number, end: number): number =>
  crc32(file.subarray(at + FRAME_HEAD_BYTES, end), crc32(file.subarray(at + 4, at + 16)));
