import { RigError } from "../../domain/errors.ts";
import { safeText } from "../../domain/safe-text.ts";
import { writeData } from "./write.ts";

/** How data is printed. */
export type OutputFormat = "table" | "json" | "ndjson" | "yaml" | "name";

/** The formats that `-o` takes. */
export const OUTPUT_FORMATS: readonly OutputFormat[] = ["table", "json", "ndjson", "yaml", "name"];

/** One column of a table: its head and what stands in it. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
}

/** How rows of one kind are shown in each format. */
export interface View<Row> {
  readonly columns: readonly Column<Row>[];
  /** What scripts get: a plain object. */
  readonly json: (row: Row) => object;
  /** One word a row, for `-o name`: an id. */
  readonly name: (row: Row) => string;
}

/** The `--json` and `-o` flags as commander hands them over. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly output?: string;
}

/** @throws RigError INVALID_INPUT for an unknown format */
export function formatOf({ json, output }: OutputFlags): OutputFormat {
  const format = OUTPUT_FORMATS.find((known) => known === (output ?? (json ? "json" : "table")));
  if (format) return format;
  throw new RigError("INVALID_INPUT", `-o must be one of ${OUTPUT_FORMATS.join(", ")}, got ${JSON.stringify(output)}`);
}

/** Prints a list on stdout. */
export async function printRows<Row>(rows: readonly Row[], view: View<Row>, flags: OutputFlags): Promise<void> {
  const format = formatOf(flags);
  if (format === "table") return writeData(await table(rows, view.columns));
  if (format === "name") return writeData(rows.map((row) => `${safeText(view.name(row))}\n`).join(""));
  const values = rows.map(view.json);
  if (format === "ndjson") return writeData(values.map((value) => `${escaped(JSON.stringify(value))}\n`).join(""));
  return writeData(await serialised(values, format));
}

/** Prints one thing on stdout; as a table, one line a column. */
export async function printOne<Row>(row: Row, view: View<Row>, flags: OutputFlags): Promise<void> {
  const format = formatOf(flags);
  if (format !== "table" && format !== "yaml" && format !== "json") return printRows([row], view, flags);
  if (format !== "table") return writeData(await serialised(view.json(row), format));
  const width = Math.max(...view.columns.map(({ head }) => head.length));
  const lines = view.columns.map(({ head, cell }) => `${head.padEnd(width)}  ${safeText(cell(row))}\n`);
  return writeData(lines.join(""));
}

async function serialised(value: unknown, format: "json" | "yaml"): Promise<string> {
  if (format === "json") return escaped(`${JSON.stringify(value, null, 2)}\n`);
  const { stringify } = await import("yaml");
  return escaped(stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 }));
}

/** JSON and YAML stay the same data when a character that could steer a terminal is written as `\uXXXX`. */
const escaped = (text: string): string =>
  text
    .split("\n")
    .map((line) => (safeText(line) === line ? line : [...line].map(escapeUnsafe).join("")))
    .join("\n");

const escapeUnsafe = (character: string): string =>
  safeText(character) === character ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

async function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Promise<string> {
  const { default: Table } = await import("cli-table3");
  const drawn = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
    chars: NO_LINES,
  });
  for (const row of rows) drawn.push(columns.map(({ cell }) => safeText(cell(row))));
  return drawn
    .toString()
    .split("\n")
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

const NO_LINES = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "" },
};
