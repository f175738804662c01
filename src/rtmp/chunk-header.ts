const HEADER_BYTES: readonly number[] = [11, 7, 3, 0];

/** The head of one chunk without its extended timestamp. Fields that its format leaves out are 0. */
export interface ChunkHeader {
  readonly format: 0 | 1 | 2 | 3;
  readonly chunkStream: number;
  /** The 24-bit time or step; 0xFFFFFF says that the real one follows. */
  readonly time: number;
  readonly length: number;
  readonly type: number;
  readonly streamId: number;
  /** How many bytes it took. */
  readonly size: number;
}

/** Reads the header that begins at `start`; null where it has not all come. */
export function readChunkHeader(bytes: Buffer, start: number): ChunkHeader | null {
  const first = bytes.readUInt8(start);
  const format = (first >> 6) as ChunkHeader["format"];
  const low = first & 0x3f; // 0: one more byte has the id, 1: two more
  const at = start + (low > 1 ? 1 : low + 2);
  const size = at - start + (HEADER_BYTES[format] as number);
  if (start + size > bytes.length) return null;
  return {
    format,
    chunkStream: low > 1 ? low : low === 0 ? 64 + bytes.readUInt8(start + 1) : 64 + bytes.readUInt16LE(start + 1),
    time: format < 3 ? bytes.readUIntBE(at, 3) : 0,
    length: format < 2 ? bytes.readUIntBE(at + 3, 3) : 0,
    type: format < 2 ? bytes.readUInt8(at + 6) : 0,
    streamId: format === 0 ? bytes.readUInt32LE(at + 7) : 0,
    size,
  };
}
