/**
 * Reads the form of a callback. Whatever a publisher wrote after `?` stands at its end, so the FIRST value of a field wins.
 * null where it is not a form.
 */
export function parseHookForm(body: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>();
  try {
    for (const part of body.split("&")) {
      const at = part.indexOf("=");
      if (at < 1) continue;
      const name = decodeURIComponent(part.slice(0, at));
      if (!fields.has(name)) fields.set(name, decodeURIComponent(part.slice(at + 1)));
    }
  } catch {
    return null; // a percent sign that escapes nothing; nginx writes none
  }
  return fields;
}
