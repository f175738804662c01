const LENGTH_DELIMITED = 2;
const LAST_FACTOR = 2 ** 63; // of the tenth byte

/** Reads protobuf, field by field. What it hands out as bytes stands in the message itself. @throws RangeError for what is no protobuf */
export class ProtoReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;
  #type = 0;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    if (end > bytes.length) throw new RangeError("message ends too early");
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  /** The next field's number; 0 behind the last. Read it or `skip` it before the next. */
  field(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.number();
    if (tag < 8) throw new RangeError("no field has number 0");
    this.#type = tag & 7;
    return tag >>> 3;
  }

  /** A whole number; beyond 2^53 it loses its last digits. */
  number(): number {
    let byte = this.#byte();
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      if (factor > LAST_FACTOR) throw new RangeError("number of more than ten bytes");
      byte = this.#byte();
      value += (byte & 0x7f) * factor;
    }
    return value;
  }

  /** A signed 64-bit number in decimal. */
  long(): string {
    const start = this.#at;
    const value = this.number();
    if (value < Number.MAX_SAFE_INTEGER) return String(value);
    let exact = 0n;
    for (let at = this.#at - 1; at >= start; at--) exact = (exact << 7n) | BigInt((this.#bytes[at] as number) & 0x7f);
    return String(BigInt.asIntN(64, exact));
  }

  bytes(): Buffer {
    const start = this.#skipBytes();
    return this.#bytes.subarray(start, this.#at);
  }

  /** As UTF-8; what is none shows as U+FFFD. */
  text(): string {
    const start = this.#skipBytes();
    return this.#bytes.toString("utf8", start, this.#at);
  }

  /** The message in this field. */
  message(): ProtoReader {
    const start = this.#skipBytes();
    return new ProtoReader(this.#bytes, start, this.#at);
  }

  skip(): void {
    switch (this.#type) {
      case 0:
        this.number();
        return;
      case 1:
        this.#move(8);
        return;
      case LENGTH_DELIMITED:
        this.#skipBytes();
        return;
      case 5:
        this.#move(4);
        return;
      default:
        throw new RangeError(`no field has type ${this.#type}`);
    }
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError("message ends too early");
    return this.#bytes[this.#at++] as number;
  }

  #skipBytes(): number {
    const length = this.number();
    const start = this.#at;
    this.#move(length);
    return start;
  }

  #move(length: number): void {
    if (length > this.#end - this.#at) throw new RangeError("message ends too early");
    this.#at += length;
  }
}
