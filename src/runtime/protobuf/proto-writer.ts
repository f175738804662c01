const FIRST_BYTES = 64 * 1_024;
const KEPT_BYTES = 1_024 * 1_024; // more than one message of everyday takes
const SHORT = 24; // characters, below which a loop of our own is faster than a call of Buffer's

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

  /** A whole number of at most 53 bits; 0 takes no room, as it is what a missing field says. */
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
    if (decimal === "0") return; // and the one before stays known
    if (decimal !== this.#decimal) {
      this.#varintOfDecimal = varintOf(BigInt.asUintN(64, BigInt(decimal)));
      this.#decimal = decimal;
    }
    if (this.#varintOfDecimal.length === 0) return;
    this.encoded(this.#varintOfDecimal);
    this.#tag(field, 0);
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length === 0) return;
    this.encoded(value);
    this.#varint(value.length);
    this.#tag(field, 2);
  }

  /** Fields that are protobuf already. */
  encoded(fields: ArrayLike<number>): void {
    this.#reserve(fields.length);
    this.#at -= fields.length;
    this.#bytes.set(fields, this.#at);
  }

  /** Bytes that are held as a string with one character for each. */
  latin1(field: number, value: string): void {
    const { length } = value;
    if (length === 0) return;
    this.#reserve(length);
    this.#at -= length;
    if (length < SHORT) for (let i = 0; i < length; i++) this.#bytes[this.#at + i] = value.charCodeAt(i);
    else this.#bytes.write(value, this.#at, "latin1");
    this.#varint(length);
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
    const whole = this.#bytes.subarray(this.#at);
    if (this.#bytes.length <= KEPT_BYTES) return Buffer.from(whole);
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES); // one huge answer must not take its room for ever
    return whole;
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): void {
    if (value < 0x80) {
      this.#reserve(1);
      if (value >= 0) this.#bytes[--this.#at] = value;
      else this.encoded(varintOf(BigInt.asUintN(64, BigInt(value))));
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
