const FIRST_BYTES = 64 * 1_024;

/**
 * Writes protobuf from the end to the beginning: the length that stands before a message is then known when its turn
 * comes. So the last field is written first. One writer serves many messages.
 */
export class ProtoWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = FIRST_BYTES;
  #decimal = "0";
  #varintOfDecimal: readonly number[] = [];

  /** Forgets what was written: whoever wrote it may have thrown half-way. */
  begin(): void {
    this.#at = this.#bytes.length;
  }

  /** How much is written; to tell `message` where it ends. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** A whole number from 0 to 2^53 − 1; 0 takes no room, as it is what a missing field says. */
  number(field: number, value: number): void {
    if (value !== 0) this.member(field, value);
  }

  /** A whole number of a oneof: there a 0 says which one was meant. */
  member(field: number, value: number): void {
    this.#varint(value);
    this.#tag(field, 0);
  }

  /** A 64-bit number in decimal, such as a lease's id: nearly always the same as the one before. */
  long(field: number, decimal: string): void {
    if (decimal !== this.#decimal) {
      this.#decimal = decimal;
      this.#varintOfDecimal = varintOf(BigInt.asUintN(64, BigInt(decimal)));
    }
    const { length } = this.#varintOfDecimal;
    if (length === 0) return;
    this.#reserve(length);
    this.#at -= length;
    this.#bytes.set(this.#varintOfDecimal, this.#at);
    this.#tag(field, 0);
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length === 0) return;
    this.#reserve(value.length);
    this.#at -= value.length;
    this.#bytes.set(value, this.#at);
    this.#varint(value.length);
    this.#tag(field, 2);
  }

  /** As UTF-8. */
  text(field: number, value: string): void {
    if (value.length === 0) return;
    this.#reserve(value.length);
    let at = this.#at;
    // Keys are short and ASCII: a call of Buffer's own for each takes longer than this.
    for (let i = value.length - 1; i >= 0; i--) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.bytes(field, Buffer.from(value));
        return;
      }
      this.#bytes[--at] = code;
    }
    this.#at = at;
    this.#varint(value.length);
    this.#tag(field, 2);
  }

  /** Makes all that was written since `length` was `end` one message. */
  message(field: number, end: number): void {
    this.#varint(this.length - end);
    this.#tag(field, 2);
  }

  /** All that was written since `begin`. */
  end(): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#at));
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): void {
    if (value < 0x80) {
      this.#reserve(1);
      this.#bytes[--this.#at] = value;
      return;
    }
    let length = 1;
    for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) length += 1;
    this.#reserve(length);
    this.#at -= length;
    let left = value;
    for (let i = 0; i < length - 1; i++, left = Math.floor(left / 0x80))
      this.#bytes[this.#at + i] = (left % 0x80) | 0x80;
    this.#bytes[this.#at + length - 1] = left;
  }

  #reserve(count: number): void {
    if (this.#at >= count) return;
    const { length } = this;
    const larger = Buffer.allocUnsafeSlow(2 * (length + count) + FIRST_BYTES);
    this.#bytes.copy(larger, larger.length - length, this.#at);
    this.#bytes = larger;
    this.#at = larger.length - length;
  }
}

/** Nothing for 0. */
function varintOf(value: bigint): readonly number[] {
  if (value === 0n) return [];
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  bytes.push(Number(left));
  return bytes;
}
