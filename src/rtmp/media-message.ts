import { isMediaType, MESSAGE, type MediaMessage, type RtmpMessage } from "./message.ts";

const TAG_HEADER_BYTES = 11;
const TAG_TRAILER_BYTES = 4;
/** AMF0 string "@setDataFrame": an order to a server, no part of the data. */
export const SET_DATA_FRAME = Buffer.from("\x02\x00\x0d@setDataFrame", "latin1");

/**
 * The media in a message: one for audio, video and data, many for an aggregate, none for everything else.
 * `@setDataFrame` and the AMF3 marker byte are stripped. Never throws: what is cut short is left out.
 */
export function mediaOf(message: RtmpMessage): MediaMessage[] {
  const { type, timestamp, payload } = message;
  if (type === MESSAGE.aggregate) return splitAggregate(message);
  if (type === MESSAGE.dataAmf3) return [{ type: MESSAGE.data, timestamp, payload: dataPayload(payload.subarray(1)) }];
  if (!isMediaType(type)) return [];
  return [{ type, timestamp, payload: type === MESSAGE.data ? dataPayload(payload) : payload }];
}

const dataPayload = (payload: Buffer): Buffer =>
  payload.subarray(0, SET_DATA_FRAME.length).equals(SET_DATA_FRAME) ? payload.subarray(SET_DATA_FRAME.length) : payload;

/** FLV tags in a row; the first has the aggregate's own timestamp, the others keep their distance to it. */
function splitAggregate({ timestamp, payload }: RtmpMessage): MediaMessage[] {
  const messages: MediaMessage[] = [];
  let first: number | null = null;
  for (let at = 0; at + TAG_HEADER_BYTES <= payload.length; ) {
    const type = payload.readUInt8(at) & 0x1f;
    const end = at + TAG_HEADER_BYTES + payload.readUIntBE(at + 1, 3);
    if (end > payload.length) break;
    const own = payload.readUIntBE(at + 4, 3) + payload.readUInt8(at + 7) * 0x1000000;
    first ??= own;
    const body = payload.subarray(at + TAG_HEADER_BYTES, end);
    if (isMediaType(type))
      messages.push({
        type,
        timestamp: (timestamp + own - first) >>> 0,
        payload: type === MESSAGE.data ? dataPayload(body) : body,
      });
    at = end + TAG_TRAILER_BYTES;
  }
  return messages;
}
