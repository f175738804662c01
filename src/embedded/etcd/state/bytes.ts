/**
 * Bytes as a string with one character per byte (latin1). Such strings compare in byte order with `<`, are map keys
 * as they are, cannot be changed by whoever handed them in, and take a quarter of a small Buffer's memory.
 */
export type Bytes = string;

/** A half-open range of keys. `end` null: just the one key; `end` "": every key from `start` on. */
export interface Span {
  readonly start: Bytes;
  readonly end: Bytes | null;
}

/** The span that a request's `key` and `range_end` mean: no end is one key, an end of one zero byte is "from key on". */
export const spanOf = (key: Bytes, rangeEnd: Bytes): Span => ({
  start: key,
  end: rangeEnd === "" ? null : rangeEnd === "\0" ? "" : rangeEnd,
});

/** The span that a watch means: no key is the first one, as in etcd. */
export const watchedSpan = (key: Bytes, rangeEnd: Bytes): Span => spanOf(key || "\0", rangeEnd);

/** True where `key` lies in the span. */
export const inSpan = ({ start, end }: Span, key: Bytes): boolean =>
  end === null ? key === start : key >= start && (end === "" || key < end);

/** Copies raw bytes into Bytes. */
export const bytesOf = (raw: Uint8Array): Bytes =>
  Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("latin1");

/** A fresh Buffer with these bytes. */
export const bufferOf = (bytes: Bytes): Buffer => Buffer.from(bytes, "latin1");
