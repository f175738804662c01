/** A value of AMF0. Objects have no prototype, so any name is only data. */
export type AmfValue = number | boolean | string | null | undefined | Date | AmfValue[] | AmfObject;
export interface AmfObject {
  readonly [name: string]: AmfValue;
}

const MARKER = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
  unsupported: 13,
  xml: 15,
  typedObject: 16,
} as const;

const MAX_DEPTH = 16;
const MAX_VALUES = 4096;

/** Thrown and caught inside this file alone. */
class Malformed extends Error {}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth = 0): AmfValue {
    if (depth > MAX_DEPTH || ++this.#values > MAX_VALUES) throw new Malformed();
    const marker = this.#bytes.readUInt8(this.#take(1));
    switch (marker) {
      case MARKER.number:
        return this.#bytes.readDoubleBE(this.#take(8));
      case MARKER.boolean:
        return this.#bytes.readUInt8(this.#take(1)) !== 0;
      case MARKER.string:
        return this.#text(this.#bytes.readUInt16BE(this.#take(2)));
      case MARKER.longString:
      case MARKER.xml:
        return this.#text(this.#bytes.readUInt32BE(this.#take(4)));
      case MARKER.null:
        return null;
      case MARKER.undefined:
      case MARKER.unsupported:
        return undefined;
      case MARKER.typedObject:
        this.#text(this.#bytes.readUInt16BE(this.#take(2))); // its class name means nothing here
        return this.#object(depth);
      case MARKER.ecmaArray:
        this.#take(4); // a count that is often wrong: the end marker counts
        return this.#object(depth);
      case MARKER.object:
        return this.#object(depth);
      case MARKER.strictArray:
        return this.#array(depth);
      case MARKER.date: {
        const at = this.#take(10); // milliseconds and a time zone that is always 0
        return new Date(this.#bytes.readDoubleBE(at));
      }
      default:
        throw new Malformed(); // references, AMF3 and what does not exist
    }
  }

  #object(depth: number): AmfObject {
    const object: Record<string, AmfValue> = Object.create(null);
    for (;;) {
      const name = this.#text(this.#bytes.readUInt16BE(this.#take(2)));
      if (name === "" && this.#bytes[this.#at] === MARKER.objectEnd) {
        this.#at += 1;
        return object;
      }
      object[name] = this.value(depth + 1);
    }
  }

  #array(depth: number): AmfValue[] {
    const count = this.#bytes.readUInt32BE(this.#take(4));
    const values: AmfValue[] = [];
    while (values.length < count) values.push(this.value(depth + 1));
    return values;
  }

  #text(length: number): string {
    const at = this.#take(length);
    return this.#bytes.toString("utf8", at, at + length);
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new Malformed();
    this.#at = at + length;
    return at;
  }
}

/** All values in these bytes; null where they are cut short, nest too deep, or hold what AMF0 has no word for. Never throws. */
export function decodeAmf0(bytes: Buffer): AmfValue[] | null {
  const reader = new Reader(bytes);
  const values: AmfValue[] = [];
  try {
    while (!reader.done) values.push(reader.value());
    return values;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** The bytes of some values in a row. Arrays become strict arrays, objects plain ones. */
export const encodeAmf0 = (...values: AmfValue[]): Buffer => Buffer.concat(values.map(encodeValue));

function encodeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.of(MARKER.null);
  if (value === undefined) return Buffer.of(MARKER.undefined);
  if (typeof value === "boolean") return Buffer.of(MARKER.boolean, value ? 1 : 0);
  if (typeof value === "number") return encodeNumber(MARKER.number, value);
  if (typeof value === "string") return encodeString(value);
  if (value instanceof Date) return Buffer.concat([encodeNumber(MARKER.date, value.getTime()), Buffer.alloc(2)]);
  if (Array.isArray(value)) return Buffer.concat([sized(MARKER.strictArray, value.length), ...value.map(encodeValue)]);
  const members = Object.entries(value).flatMap(([name, member]) => [encodeName(name), encodeValue(member)]);
  return Buffer.concat([Buffer.of(MARKER.object), ...members, Buffer.of(0, 0, MARKER.objectEnd)]);
}

function encodeNumber(marker: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = marker;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function sized(marker: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = marker;
  bytes.writeUInt32BE(size, 1);
  return bytes;
}

function encodeString(value: string): Buffer {
  const text = Buffer.from(value, "utf8");
  if (text.length > 0xffff) return Buffer.concat([sized(MARKER.longString, text.length), text]);
  return Buffer.concat([Buffer.of(MARKER.string), encodeName(value)]);
}

/** A name longer than 65,535 bytes cannot be said in AMF0 and is cut. */
function encodeName(name: string): Buffer {
  const text = Buffer.from(name, "utf8").subarray(0, 0xffff);
  return Buffer.concat([Buffer.of(text.length >> 8, text.length & 0xff), text]);
}
