/** RTMP message type ids. */
export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

/** One RTMP message, put together from its chunks. The payload belongs to whoever receives it. */
export interface RtmpMessage {
  readonly type: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** Audio (8), video (9) or AMF0 data (18): what publishers send, players get and FLV files hold. */
export interface MediaMessage {
  readonly type: 8 | 9 | 18;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** User control events (message type 4). */
export const CONTROL = { streamBegin: 0, streamEof: 1, streamDry: 2, setBufferLength: 3, ping: 6, pong: 7 } as const;

const protocolMessage = (type: number, payload: Buffer): RtmpMessage => ({ type, timestamp: 0, streamId: 0, payload });

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** A protocol message that is one 32-bit number: chunk size, acknowledgement or window. */
export const numberMessage = (type: number, value: number): RtmpMessage => protocolMessage(type, uint32(value));

/** Asks the peer to keep at most `bytes` in flight; 2 is the "dynamic" limit, as servers send it. */
export const peerBandwidth = (bytes: number): RtmpMessage =>
  protocolMessage(MESSAGE.setPeerBandwidth, Buffer.concat([uint32(bytes), Buffer.of(2)]));

/** A user control event with its 32-bit values (a stream id, a time, …). */
export function userControl(event: number, ...values: number[]): RtmpMessage {
  const head = Buffer.allocUnsafe(2);
  head.writeUInt16BE(event);
  return protocolMessage(MESSAGE.userControl, Buffer.concat([head, ...values.map(uint32)]));
}

/** The event and first value of a user control message; null where it is too short. */
export function readUserControl(payload: Buffer): { event: number; value: number } | null {
  if (payload.length < 2) return null;
  return { event: payload.readUInt16BE(0), value: payload.length >= 6 ? payload.readUInt32BE(2) : 0 };
}

/** True for what a player may be sent. */
export const isMediaType = (type: number): type is MediaMessage["type"] =>
  type === MESSAGE.audio || type === MESSAGE.video || type === MESSAGE.data;
