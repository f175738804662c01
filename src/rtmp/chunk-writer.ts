import type { RtmpMessage } from "./message.ts";

const EXTENDED = 0xffffff; // from here on the 24-bit field cannot hold a timestamp

/** Chunk stream ids, each below 64 so that a basic header is one byte. */
export const CHUNK_STREAM = { protocol: 2, command: 3, audio: 4, data: 5, video: 6 } as const;

const CHUNK_STREAM_OF: Readonly<Record<number, number>> = {
  8: CHUNK_STREAM.audio,
  9: CHUNK_STREAM.video,
  15: CHUNK_STREAM.data,
  17: CHUNK_STREAM.command,
  18: CHUNK_STREAM.data,
  20: CHUNK_STREAM.command,
  22: CHUNK_STREAM.video,
};

/**
 * One message as bytes on the wire. Every message has a full header, so the result depends on nothing that was sent
 * before: it is made once and written to all players that have this chunk size and stream id.
 */
export function chunkMessage(message: RtmpMessage, chunkSize: number): Buffer {
  const { payload } = message;
  const timestamp = message.timestamp >>> 0;
  const extendedBytes = timestamp >= EXTENDED ? 4 : 0;
  const continuations = Math.max(0, Math.ceil(payload.length / chunkSize) - 1);
  const wire = Buffer.allocUnsafe(12 + extendedBytes + payload.length + continuations * (1 + extendedBytes));
  const chunkStream = CHUNK_STREAM_OF[message.type] ?? CHUNK_STREAM.protocol;
  wire[0] = chunkStream;
  wire.writeUIntBE(Math.min(timestamp, EXTENDED), 1, 3);
  wire.writeUIntBE(payload.length, 4, 3);
  wire[7] = message.type;
  wire.writeUInt32LE(message.streamId >>> 0, 8);
  let at = 12;
  if (extendedBytes > 0) at = wire.writeUInt32BE(timestamp, at);
  for (let sent = 0; sent < payload.length; ) {
    if (sent > 0) {
      wire[at++] = 0xc0 | chunkStream;
      if (extendedBytes > 0) at = wire.writeUInt32BE(timestamp, at); // repeated, as ffmpeg and nginx expect
    }
    const end = Math.min(sent + chunkSize, payload.length);
    payload.copy(wire, at, sent, end);
    at += end - sent;
    sent = end;
  }
  return wire;
}
