import { type ChunkHeader, readChunkHeader } from "./chunk-header.ts";
import type { RtmpLimits } from "./limits.ts";
import { MESSAGE, type RtmpMessage } from "./message.ts";
import { RtmpError } from "./rtmp-error.ts";

const EXTENDED = 0xffffff; // this time in a header says that 32 bits follow
const MAX_CHUNK_SIZE = 0xffffff; // no message is longer
const FIRST_ALLOCATION_BYTES = 16 * 1024; // a length is only a claim: memory follows what really came

/** What one chunk stream remembers from its last header, and the message it is in the middle of. */
interface ChunkStream {
  timestamp: number;
  /** The time of the last header in full: an instant after format 0, else a step. */
  step: number;
  extended: boolean;
  length: number;
  type: number;
  streamId: number;
  payload: Buffer | null;
  received: number;
}

/** Puts messages together from chunks. Holds at most `maxPartialBytes` and never throws. */
export class ChunkReader {
  /** The longest message that is taken now. */
  maxMessageBytes: number;
  readonly #limits: RtmpLimits;
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSize = 128;
  #partialBytes = 0;
  #unread: Buffer | null = null; // a header that has not all come
  #current: ChunkStream | null = null;
  #chunkLeft = 0;

  constructor(limits: RtmpLimits) {
    this.#limits = limits;
    this.maxMessageBytes = limits.maxCommandBytes;
  }

  /** Takes bytes as they come and hands over each message that is complete; an error means: hang up. */
  push(received: Buffer, onMessage: (message: RtmpMessage) => void): RtmpError | null {
    const bytes = this.#unread ? Buffer.concat([this.#unread, received]) : received;
    this.#unread = null;
    for (let at = 0; at < bytes.length; ) {
      if (!this.#current) {
        const used = this.#startChunk(bytes, at);
        if (used instanceof RtmpError) return used;
        if (used === null) {
          this.#unread = Buffer.from(bytes.subarray(at)); // at most 18 bytes
          return null;
        }
        at += used;
      }
      const stream = this.#current as ChunkStream | null as ChunkStream; // startChunk has set it
      const taken = this.#takePayload(stream, bytes, at);
      if (taken instanceof RtmpError) return taken;
      at += taken;
      if (this.#chunkLeft > 0) continue;
      this.#current = null;
      if (stream.received === stream.length) this.#finish(stream, onMessage);
    }
    return null;
  }

  /** @returns bytes used; null where more must come first */
  #startChunk(bytes: Buffer, at: number): number | null | RtmpError {
    const header = readChunkHeader(bytes, at);
    if (!header) return null;
    const known = this.#streams.get(header.chunkStream);
    const refused = known ? null : this.#refuse(header);
    if (refused) return refused;
    const stream = known ?? newStream();
    const extended = header.format === 3 ? stream.extended : header.time === EXTENDED;
    const extendedBytes = extended ? extendedSize(bytes, at + header.size, header, stream) : 0;
    if (extendedBytes === null) return null;

    this.#streams.set(header.chunkStream, stream);
    if (header.format < 3) {
      this.#discard(stream); // a new header ends what was not complete
      stream.extended = extended;
      stream.step = extended ? bytes.readUInt32BE(at + header.size) : header.time;
    }
    if (header.format < 2) {
      stream.length = header.length;
      stream.type = header.type;
    }
    if (header.format === 0) stream.streamId = header.streamId;
    if (!stream.payload) {
      stream.timestamp = header.format === 0 ? stream.step : (stream.timestamp + stream.step) >>> 0;
      const error = this.#begin(stream);
      if (error) return error;
    }
    this.#current = stream;
    this.#chunkLeft = Math.min(this.#chunkSize, stream.length - stream.received);
    return header.size + extendedBytes;
  }

  /** librtmp opens a chunk stream with format 1; 2 and 3 have no length to go by. */
  #refuse(header: ChunkHeader): RtmpError | null {
    if (header.format > 1)
      return new RtmpError("PROTOCOL", `chunk stream ${header.chunkStream} begins without a header`);
    if (this.#streams.size < this.#limits.maxChunkStreams) return null;
    return new RtmpError("LIMIT", `more than ${this.#limits.maxChunkStreams} chunk streams`);
  }

  #begin(stream: ChunkStream): RtmpError | null {
    if (stream.length > this.maxMessageBytes)
      return new RtmpError("LIMIT", `a message of ${stream.length} bytes, ${this.maxMessageBytes} are allowed`);
    stream.received = 0;
    return this.#allocate(stream, Math.min(stream.length, FIRST_ALLOCATION_BYTES));
  }

  /** Gives the message room for `size` bytes, keeping what it has. */
  #allocate(stream: ChunkStream, size: number): RtmpError | null {
    this.#partialBytes += size - (stream.payload?.length ?? 0);
    if (this.#partialBytes > this.#limits.maxPartialBytes)
      return new RtmpError("LIMIT", `more than ${this.#limits.maxPartialBytes} bytes in unfinished messages`);
    const payload = Buffer.allocUnsafe(size);
    stream.payload?.copy(payload, 0, 0, stream.received);
    stream.payload = payload;
    return null;
  }

  #takePayload(stream: ChunkStream, bytes: Buffer, at: number): number | RtmpError {
    const taken = Math.min(this.#chunkLeft, bytes.length - at);
    const needed = stream.received + taken;
    if (stream.payload && needed > stream.payload.length) {
      const error = this.#allocate(stream, Math.min(stream.length, Math.max(needed, 4 * stream.payload.length)));
      if (error) return error;
    }
    if (stream.payload) bytes.copy(stream.payload, stream.received, at, at + taken);
    stream.received = needed;
    this.#chunkLeft -= taken;
    return taken;
  }

  #discard(stream: ChunkStream): void {
    this.#partialBytes -= stream.payload?.length ?? 0;
    stream.payload = null;
    stream.received = 0;
  }

  #finish(stream: ChunkStream, onMessage: (message: RtmpMessage) => void): void {
    const { type, timestamp, streamId, payload } = stream;
    this.#discard(stream);
    if (!payload) return;
    if (type === MESSAGE.setChunkSize && payload.length >= 4)
      this.#chunkSize = Math.min(Math.max(1, payload.readUInt32BE(0) & 0x7fffffff), MAX_CHUNK_SIZE);
    else if (type === MESSAGE.abort && payload.length >= 4) {
      const aborted = this.#streams.get(payload.readUInt32BE(0));
      if (aborted) this.#discard(aborted);
    } else onMessage({ type, timestamp, streamId, payload });
  }
}

const newStream = (): ChunkStream => ({
  timestamp: 0,
  step: 0,
  extended: false,
  length: 0,
  type: 0,
  streamId: 0,
  payload: null,
  received: 0,
});

/**
 * Length of the extended timestamp at `at`; null where that cannot be told yet. The standard repeats it on format 3,
 * some encoders do not: it is taken as repeated where the bytes are the same as in the last header.
 */
function extendedSize(bytes: Buffer, at: number, header: ChunkHeader, stream: ChunkStream): number | null {
  const there = Math.min(4, bytes.length - at);
  if (header.format === 3)
    for (let i = 0; i < there; i++) if (bytes[at + i] !== ((stream.step >>> (24 - 8 * i)) & 0xff)) return 0;
  return there < 4 ? null : 4;
}
