import { type Bytes, bytesOf } from "../state/bytes.ts";
import { refuse } from "../store-error.ts";

/** A message as proto-loader hands it over, or as a caller in process wrote it: any field may be missing. */
export type Wire = Readonly<Record<string, unknown>>;

/** The field as a message; null where it was not set. */
export const messageOf = (value: unknown): Wire | null =>
  typeof value === "object" && value !== null ? (value as Wire) : null;

/** The field as a list of messages. */
export const messagesOf = (value: unknown): readonly Wire[] => (Array.isArray(value) ? (value as Wire[]) : []);

/** The field as bytes. A string means base64, as it does to protobuf. */
export function bytesField(value: unknown): Bytes {
  if (value instanceof Uint8Array) return bytesOf(value);
  return typeof value === "string" ? Buffer.from(value, "base64").toString("latin1") : "";
}

/** The field as a whole number; ints of 64 bits arrive as strings. @throws StoreError for what is no number */
export function numberField(value: unknown): number {
  if (value === undefined || value === null) return 0;
  const number = Math.trunc(Number(value));
  if (Number.isNaN(number)) throw refuse.noNumber(value);
  return number;
}

/** A lease id, which may exceed 2^53, as a decimal string. @throws StoreError for what is no number */
export function idField(value: unknown): string {
  if (value === undefined || value === null) return "0";
  const text = String(value);
  if (!/^-?\d+$/.test(text)) throw refuse.noNumber(value);
  return text.length < 16 ? String(Number(text)) : BigInt.asIntN(64, BigInt(text)).toString();
}

/** An enum by name or number; `names` in the order of their numbers. An unknown one reads as the first. */
export function enumField<T extends string>(value: unknown, names: readonly [T, ...T[]], wire: readonly string[]): T {
  const at = typeof value === "number" ? value : typeof value === "string" ? wire.indexOf(value) : 0;
  return names[at] ?? names[0];
}
