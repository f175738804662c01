import type { Bytes } from "../state/bytes.ts";

/** Reads what ByteWriter wrote. @throws RangeError past the end: the caller has checked the sum, so that is a bug */
export class ByteReader {
  #buffer: Buffer;
  #at: number;

  constructor(buffer: Buffer, at = 0) {
    this.#buffer = buffer;
    this.#at = at;
  }

  get done(): boolean {
    return this.#at >= this.#buffer.length;
  }

  byte(): number {
    return this.#buffer.readUInt8(this.#at++);
  }

  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  }

  lease(): string {
    const id = this.#buffer.readBigInt64LE(this.#at);
    this.#at += 8;
    return id.toString();
  }

  bytes(): Bytes {
    const length = this.number();
    const end = this.#at + length;
    const value = this.#buffer.toString("latin1", this.#at, end);
    if (end > this.#buffer.length) throw new RangeError(`bytes end at ${end} of ${this.#buffer.length}`);
    this.#at = end;
    return value;
  }
}
