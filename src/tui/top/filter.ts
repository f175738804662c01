import { FIELDS, type FieldName, isFieldName, readField } from "./fields.ts";
import type { Line } from "./line.ts";

/** True where a line passes; `now` is ms since epoch. */
export type Filter = (line: Line, now: number) => boolean;

/** A filter, or the one-line reason why the text is none. */
export type ParsedFilter = { readonly filter: Filter } | { readonly problem: string };

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
function isEqual(value: string | number | undefined, wanted: string): boolean {
  if (typeof value === "number") return value === readNumber(wanted);
  if (value === undefined) return wanted === "";
  const text = value.toLowerCase();
  return text === wanted || text.split(" ").includes(wanted);
}

function comparison(field: FieldName, operator: Operator, wanted: string): ParsedFilter {
  const read = (line: Line, now: number) => readField(field, line, now);
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

const mentions =
  (word: string): Filter =>
  ({ status, publish, relay }) =>
    [status.title, status.username, status.id, publish.agentId, relay?.destinationId, relay?.reason].some((text) =>
      text?.toLowerCase().includes(word),
    );

function parseTerm(term: string): ParsedFilter {
  const match = COMPARISON.exec(term);
  if (!match || term.startsWith('"')) return { filter: mentions(unquoted(term).toLowerCase()) };
  const field = (match[1] ?? "").toLowerCase();
  if (!isFieldName(field)) return { problem: `no field "${field}": ${Object.keys(FIELDS).join(" ")}` };
  return comparison(field, match[2] as Operator, unquoted(match[3] ?? "").toLowerCase());
}

/**
 * Reads a filter: terms between spaces, all of which must hold. `field=value` (or a word of it), `!=`, `~` (contains),
 * `<` `<=` `>` `>=` with `k` for thousands and `s m h d` for times, `"quotes"` around spaces; a bare word is looked
 * for in titles, names, ids and reasons. Case does not matter. An empty text lets everything pass.
 */
export function parseFilter(text: string): ParsedFilter {
  const filters: Filter[] = [];
  for (const term of text.match(TERMS) ?? []) {
    const parsed = parseTerm(term);
    if ("problem" in parsed) return parsed;
    filters.push(parsed.filter);
  }
  return { filter: (line, now) => filters.every((passes) => passes(line, now)) };
}
