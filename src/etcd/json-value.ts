/** A small value as JSON. */
export const toJson = (value: Readonly<Record<string, unknown>>): Buffer => Buffer.from(JSON.stringify(value));

/** The object in a value; null where another hand wrote something else: such a key is passed over. */
export function fromJson(value: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(value.toString());
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
