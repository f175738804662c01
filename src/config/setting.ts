import { Secret } from "../domain/secret.ts";

/** One row of the settings table. */
export interface Setting<T> {
  /** The environment variable; a secret is also read from the file that `<env>_FILE` names. */
  readonly env: string;
  readonly type: "text" | "path" | "port" | "integer" | "flag" | "choice" | "list" | "url" | "json" | "secret";
  readonly default: T;
  /** `seconds`, `relays`, …; null where the value has none. */
  readonly unit: string | null;
  readonly meaning: string;
  /** What may stand there, as it follows "must be" in an error. */
  readonly allowed: string;
  /** Takes a text (environment, flag) or a value of config.ts; undefined for one that is not allowed. Never throws. */
  read(raw: unknown): T | undefined;
  /** What ails a value that `read` does not take, where that can be said closer than by `allowed`; it follows the name. */
  readonly faultOf?: (raw: unknown) => string;
}

type Row<T> = Omit<Setting<T>, "env" | "default" | "meaning" | "unit"> & { readonly unit?: string };

const setting = <T, D>(env: string, fallback: D, meaning: string, row: Row<T>): Setting<T | D> => ({
  unit: null,
  ...row,
  env,
  default: fallback,
  meaning,
});

const asText = (raw: unknown) => (typeof raw === "string" && raw !== "" && !raw.includes("\0") ? raw : undefined);
const matching = (raw: unknown, test: (text: string) => boolean) => {
  const text = asText(raw);
  return text !== undefined && test(text) ? text : undefined;
};

/** A text of at least one character; `pattern` narrows it, and `allowed` says how. */
export const text = <D extends string | null>(
  env: string,
  fallback: D,
  meaning: string,
  { pattern = /^[^\n]+$/, allowed = "one line of text" } = {},
): Setting<string | D> =>
  setting(env, fallback, meaning, {
    type: "text",
    allowed,
    read: (raw) => matching(raw, (value) => pattern.test(value)),
  });

/** A file or folder; relative ones are resolved against the working directory, or config.ts's folder. */
export const path = <D extends string | null>(env: string, fallback: D, meaning: string): Setting<string | D> =>
  setting(env, fallback, meaning, { type: "path", allowed: "a path", read: asText });

/** A whole number from `min` to `max`. */
export const integer = <D extends number | null>(
  env: string,
  fallback: D,
  meaning: string,
  { min, max, unit }: { min: number; max: number; unit: string },
): Setting<number | D> =>
  setting(env, fallback, meaning, {
    type: "integer",
    unit,
    allowed: `a whole number from ${min} to ${max}`,
    read: (raw) => readInteger(raw, min, max),
  });

/** A TCP port; 0 takes a free one. */
export const port = (env: string, fallback: number, meaning: string): Setting<number> =>
  setting(env, fallback, meaning, {
    type: "port",
    allowed: "a port from 0 (any free one) to 65535",
    read: (raw) => readInteger(raw, 0, 65_535),
  });

function readInteger(raw: unknown, min: number, max: number): number | undefined {
  const value = typeof raw === "string" && /^\d{1,10}$/.test(raw) ? Number(raw) : raw;
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

const FLAGS = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["false", false],
  ["0", false],
  ["no", false],
]);

/** Yes or no. */
export const flag = (env: string, fallback: boolean, meaning: string): Setting<boolean> =>
  setting(env, fallback, meaning, {
    type: "flag",
    allowed: "true or false",
    read: (raw) => (typeof raw === "boolean" ? raw : FLAGS.get(asText(raw)?.toLowerCase() ?? "")),
  });

/** One of a few words. */
export const choice = <const Choices extends readonly string[]>(
  env: string,
  fallback: NoInfer<Choices>[number],
  meaning: string,
  choices: Choices,
): Setting<Choices[number]> =>
  setting(env, fallback, meaning, {
    type: "choice",
    allowed: `one of ${choices.join(", ")}`,
    read: (raw) => choices.find((word) => word === raw),
  });

/** Texts, separated by commas in the environment and on the command line. */
export const list = (
  env: string,
  meaning: string,
  { pattern, allowed }: { pattern: Pick<RegExp, "test">; allowed: string },
) =>
  setting<readonly string[], readonly string[]>(env, [], meaning, {
    type: "list",
    allowed,
    read(raw) {
      const items = typeof raw === "string" ? raw.split(",").map((item) => item.trim()) : raw;
      return Array.isArray(items) && items.every((item) => matching(item, (value) => pattern.test(value)))
        ? (items as string[])
        : undefined;
    },
  });

/** A value with a structure: as it is in config.ts, as JSON elsewhere. `faultOf` says what ails it; null for one that is allowed. */
export const json = <T>(
  env: string,
  fallback: T,
  meaning: string,
  { faultOf, allowed }: { faultOf: (value: unknown) => string | null; allowed: string },
): Setting<T> =>
  setting<T, T>(env, fallback, meaning, {
    type: "json",
    allowed,
    read(raw) {
      const parsed = parseJson(raw);
      return "value" in parsed && faultOf(parsed.value) === null ? (parsed.value as T) : undefined;
    },
    faultOf(raw) {
      const parsed = parseJson(raw);
      const fault = "value" in parsed ? faultOf(parsed.value) : `must be JSON, and is not: ${parsed.fault}`;
      return fault ?? `must be ${allowed}`;
    },
  });

/** A text is JSON; anything else is the value itself. */
function parseJson(raw: unknown): { readonly value: unknown } | { readonly fault: string } {
  if (typeof raw !== "string") return { value: raw };
  try {
    return { value: JSON.parse(raw) };
  } catch (error) {
    return { fault: (error as SyntaxError).message };
  }
}

/** A URL with one of these schemes and without user name and password. */
export const url = (env: string, meaning: string, schemes: readonly string[]): Setting<string | null> =>
  setting<string, null>(env, null, meaning, {
    type: "url",
    allowed: `a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}, without user name and password`,
    read: (raw) => matching(raw, (value) => isUrl(value, schemes)),
  });

function isUrl(value: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, host, username, password } = new URL(value);
  return schemes.includes(protocol) && host !== "" && username === "" && password === "";
}

/** A secret: never a flag, never shown. `isAllowed` checks its form. */
export const secret = (
  env: string,
  meaning: string,
  { isAllowed = (value: string) => !value.includes("\n"), allowed = "one line of text" } = {},
): Setting<Secret | null> =>
  setting<Secret, null>(env, null, meaning, {
    type: "secret",
    allowed,
    read(raw) {
      const value = matching(raw, isAllowed);
      return value === undefined ? undefined : new Secret(value);
    },
  });
