import type { Bytes } from "../state/bytes.ts";

const FIRST_SIZE = 64 * 1_024;

/** Bytes that grow at their end. Numbers are varints (0 to 2^53 − 1), lease ids eight bytes. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(FIRST_SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The written bytes; they stay the writer's own until it is thrown away. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Leaves room that is filled in later. */
  skip(bytes: number): void {
    this.#reserve(bytes);
    this.#buffer.fill(0, this.#length, this.#length + bytes);
    this.#length += bytes;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  number(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  lease(id: string): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigInt64LE(BigInt(id), this.#length);
  }

  bytes(value: Bytes): void {
    this.number(value.length);
    this.#reserve(value.length);
    this.#length += this.#buffer.write(value, this.#length, "latin1");
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
