const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH_DELIMITED = 2;
const GROUP_BEGINS = 3; // of proto2; nobody sends them, and whoever meets one has to skip it
const GROUP_ENDS = 4;
const FOUR_BYTES = 5;

const LAST_FACTOR = 2 ** 63; // of the tenth byte
const MAX_TAG = 2 ** 32 - 1;

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
    const tag = this.#varint();
    if (tag < 8 || tag > MAX_TAG) throw new RangeError("no field has such a number");
    this.#type = tag & 7;
    return tag >>> 3;
  }

  /** A signed whole number; beyond 2^53 it loses its last digits. */
  number(): number {
    this.#expect(VARINT);
    const start = this.#at;
    const value = this.#varint();
    return value < Number.MAX_SAFE_INTEGER ? value : Number(exactLong(this.#bytes, start, this.#at));
  }

  /** A signed 64-bit number in decimal. */
  long(): string {
    this.#expect(VARINT);
    const start = this.#at;
    const value = this.#varint();
    return value < Number.MAX_SAFE_INTEGER ? String(value) : exactLong(this.#bytes, start, this.#at);
  }

  /** Every number of a repeated field, which may come one by one or packed. */
  numbers(): readonly number[] {
    if (this.#type !== LENGTH_DELIMITED) return [this.number()];
    const packed = this.message();
    const all: number[] = [];
    while (packed.#at < packed.#end) all.push(packed.number());
    return all;
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

  /** Bytes, one character for each. */
  latin1(): string {
    const start = this.#skipBytes();
    return this.#bytes.toString("latin1", start, this.#at);
  }

  /** The message in this field. */
  message(): ProtoReader {
    const start = this.#skipBytes();
    return new ProtoReader(this.#bytes, start, this.#at);
  }

  skip(): void {
    switch (this.#type) {
      case VARINT:
        this.#varint();
        return;
      case EIGHT_BYTES:
        this.#move(8);
        return;
      case LENGTH_DELIMITED:
        this.#skipBytes();
        return;
      case GROUP_BEGINS:
        this.#skipGroup();
        return;
      case FOUR_BYTES:
        this.#move(4);
        return;
      default:
        throw new RangeError(`no field has type ${this.#type}`);
    }
  }

  #skipGroup(): void {
    for (let open = 1; open > 0; ) {
      if (this.field() === 0) throw new RangeError("message ends too early");
      if (this.#type === GROUP_BEGINS) open += 1;
      else if (this.#type === GROUP_ENDS) open -= 1;
      else this.skip();
    }
  }

  #expect(type: number): void {
    if (this.#type !== type) throw new RangeError(`field of type ${this.#type}, not ${type}`);
  }

  #varint(): number {
    let byte = this.#byte();
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      if (factor > LAST_FACTOR) throw new RangeError("number of more than ten bytes");
      byte = this.#byte();
      value += (byte & 0x7f) * factor;
    }
    return value;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError("message ends too early");
    return this.#bytes[this.#at++] as number;
  }

  #skipBytes(): number {
    this.#expect(LENGTH_DELIMITED);
    const length = this.#varint();
    const start = this.#at;
    this.#move(length);
    return start;
  }

  #move(length: number): void {
    if (length > this.#end - this.#at) throw new RangeError("message ends too early");
    this.#at += length;
  }
}

/** The last one, since it is nearly always a lease's id, and the same as the one before. */
let known = { encoded: "", decimal: "0" };

function exactLong(bytes: Buffer, start: number, end: number): string {
  const encoded = bytes.toString("latin1", start, end);
  if (encoded === known.encoded) return known.decimal;
  let exact = 0n;
  for (let at = end - 1; at >= start; at--) exact = (exact << 7n) | BigInt((bytes[at] as number) & 0x7f);
  known = { encoded, decimal: String(BigInt.asIntN(64, exact)) };
  return known.decimal;
}
