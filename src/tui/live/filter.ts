/** True where a line passes; `now` is ms since epoch. */
export type Filter<Line> = (line: Line, now: number) => boolean;

/** A filter, or the one-line reason why the text is none. */
export type ParsedFilter<Line> = { readonly filter: Filter<Line> } | { readonly problem: string };

/** What one line says under a name; undefined where that kind of line has no such thing. */
export type Value = string | number | undefined;

/** What a filter may ask of a screen's lines. */
export interface Filterable<Line> {
  readonly fields: Readonly<Record<string, (line: Line, now: number) => Value>>;
  /** Where a bare word is looked for. */
  texts(line: Line): readonly (string | null | undefined)[];
}

type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~";

const TERMS = /(?:[^\s"]|"[^"]*"?)+/g;
const COMPARISON = /^([a-z]+)(!=|<=|>=|=|<|>|~)(.*)$/is;
const NUMBER = /^(-?\d+(?:\.\d+)?)([a-z]?)$/i;
const UNIT: Readonly<Record<string, number>> = { "": 1, k: 1000, m: 60, s: 1, h: 3600, d: 86_400 };

const IN_ORDER: Readonly<Record<"<" | "<=" | ">" | ">=", (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

const unquoted = (text: string): string => text.replaceAll('"', "");

/** `2k` is 2000, `10m` 600 (seconds), `3` 3; null where it is no number. */
function readNumber(text: string): number | null {
  const match = NUMBER.exec(text);
  const unit = match && UNIT[(match[2] ?? "").toLowerCase()];
  return match && unit !== undefined && unit !== null ? Number(match[1]) * unit : null;
}

/** Equal as a number, as the whole text, or as one of its words: `state=live` fits `live pushing`. */
function isEqual(value: Value, wanted: string): boolean {
  if (typeof value === "number") return value === readNumber(wanted);
  if (value === undefined) return wanted === "";
  const text = value.toLowerCase();
  return text === wanted || text.split(" ").includes(wanted);
}

interface Comparison<Line> {
  readonly field: string;
  readonly read: (line: Line, now: number) => Value;
  readonly operator: Operator;
  readonly wanted: string;
}

function comparison<Line>({ field, read, operator, wanted }: Comparison<Line>): ParsedFilter<Line> {
  if (operator === "=") return { filter: (line, now) => isEqual(read(line, now), wanted) };
  if (operator === "!=") return { filter: (line, now) => !isEqual(read(line, now), wanted) };
  if (operator === "~")
    return {
      filter: (line, now) =>
        String(read(line, now) ?? "")
          .toLowerCase()
          .includes(wanted),
    };
  const limit = readNumber(wanted);
  if (limit === null) return { problem: `${field}${operator} needs a number, got "${wanted}"` };
  const inOrder = IN_ORDER[operator];
  return {
    filter: (line, now) => {
      const value = read(line, now);
      return typeof value === "number" && inOrder(value, limit);
    },
  };
}

function parseTerm<Line>(term: string, { fields, texts }: Filterable<Line>): ParsedFilter<Line> {
  const match = COMPARISON.exec(term);
  if (!match || term.startsWith('"')) {
    const word = unquoted(term).toLowerCase();
    return { filter: (line) => texts(line).some((text) => text?.toLowerCase().includes(word)) };
  }
  const field = (match[1] ?? "").toLowerCase();
  const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (!read) return { problem: `no field "${field}": ${Object.keys(fields).join(" ")}` };
  return comparison({ field, read, operator: match[2] as Operator, wanted: unquoted(match[3] ?? "").toLowerCase() });
}

/**
 * Reads a filter: terms between spaces, all of which must hold. `field=value` (or a word of it), `!=`, `~` (contains),
 * `<` `<=` `>` `>=` with `k` for thousands and `s m h d` for times, `"quotes"` around spaces; a bare word is looked
 * for in the line's texts. Case does not matter. An empty text lets everything pass.
 */
export const filterParser =
  <Line>(filterable: Filterable<Line>) =>
  (text: string): ParsedFilter<Line> => {
    const filters: Filter<Line>[] = [];
    for (const term of text.match(TERMS) ?? []) {
      const parsed = parseTerm(term, filterable);
      if ("problem" in parsed) return parsed;
      filters.push(parsed.filter);
    }
    return { filter: (line, now) => filters.every((passes) => passes(line, now)) };
  };
