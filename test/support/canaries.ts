/** Where a secret was seen that should not be there, and how it was written. */
export interface Leak {
  readonly secret: string;
  readonly form: string;
  readonly where: string;
}

/** Secrets by a name that may be shown. */
export type Canaries = Readonly<Record<string, string>>;

const MIN_FORM = 8; // a shorter piece would be found anywhere

/** A text in base64 as it reads inside of a longer text: by each of three alignments, without what depends on its neighbours. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((lead) => {
    const encoded = Buffer.concat([Buffer.alloc(lead), Buffer.from(text)]).toString("base64");
    const whole = Math.floor((lead + Buffer.byteLength(text)) / 3) * 4;
    return encoded.slice(lead === 0 ? 0 : 4, whole);
  });
}

/** Each way in which a text may be written somewhere. */
function formsOf(text: string): Readonly<Record<string, readonly string[]>> {
  const hex = Buffer.from(text).toString("hex");
  const base64 = base64Forms(text);
  return {
    plain: [text, JSON.stringify(text).slice(1, -1)],
    "URL-encoded": [encodeURIComponent(text), encodeURI(text), new URLSearchParams([["", text]]).toString().slice(1)],
    hex: [hex, hex.toUpperCase()],
    base64: [...base64, ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))],
  };
}

/** Looks for all secrets, in all forms. */
export function canaryWatch(canaries: Canaries) {
  const shapes = Object.entries(canaries).flatMap(([secret, text]) =>
    Object.entries(formsOf(text)).flatMap(([form, shapes]) =>
      [...new Set(shapes)]
        .filter((shape) => shape.length >= MIN_FORM)
        .map((shape) => ({ secret, form, bytes: Buffer.from(shape) })),
    ),
  );
  return (where: string, haystack: Buffer | string): Leak[] => {
    const bytes = typeof haystack === "string" ? Buffer.from(haystack) : haystack;
    return shapes.filter((shape) => bytes.includes(shape.bytes)).map(({ secret, form }) => ({ secret, form, where }));
  };
}
