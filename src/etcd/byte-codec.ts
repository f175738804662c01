/** Writes numbers and ids as few bytes; grows as needed. */
export class ByteWriter {
  readonly #bytes: number[] = [];

  byte(value: number): void {
    this.#bytes.push(value & 0xff);
  }

  /** A whole number from 0 to 2^53 − 1, 7 bits a byte; what is not one is brought into that range. */
  number(value: number): void {
    let left = Math.min(Math.max(0, Math.round(value) || 0), Number.MAX_SAFE_INTEGER);
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.#bytes.push((left % 0x80) | 0x80);
    this.#bytes.push(left);
  }

  /** A ULID in 17 bytes, any other text of up to 255 bytes in one more than its length. */
  id(id: string): void {
    const packed = packUlid(id);
    const text = packed ? null : Buffer.from(id).subarray(0, 255);
    this.#bytes.push(text?.length ?? 0, ...(packed ?? text ?? []));
  }

  end(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

/** Reads what ByteWriter wrote. @throws RangeError past the end */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError("value ends too early");
    return value;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      if (factor > 2 ** 49) throw new RangeError("number is too long");
    }
  }

  id(): string {
    const length = this.byte();
    const bytes = this.#take(length === 0 ? 16 : length);
    return length === 0 ? unpackUlid(bytes) : bytes.toString();
  }

  #take(length: number): Buffer {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new RangeError("value ends too early");
    this.#at += length;
    return bytes;
  }
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** 26 characters of 5 bits, of which the first holds 3: 16 bytes. Null for what is no ULID in capitals. */
function packUlid(id: string): Buffer | null {
  if (!ULID.test(id)) return null;
  let bits = 0n;
  for (const character of id) bits = (bits << 5n) | BigInt(CROCKFORD.indexOf(character));
  return Buffer.from(bits.toString(16).padStart(32, "0"), "hex");
}

function unpackUlid(bytes: Buffer): string {
  let bits = BigInt(`0x${bytes.toString("hex")}`);
  let id = "";
  for (let i = 0; i < 26; i++, bits >>= 5n) id = CROCKFORD[Number(bits & 31n)] + id;
  return id;
}
