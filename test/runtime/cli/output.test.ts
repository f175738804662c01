import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { formatOf, printOne, printRows, type View } from "../../../src/runtime/cli/output.ts";

interface Row {
  readonly id: string;
  readonly size: number;
}

const view: View<Row> = {
  columns: [
    { head: "ID", cell: ({ id }) => id },
    { head: "SIZE", cell: ({ size }) => String(size), align: "right" },
  ],
  json: (row) => row,
  name: ({ id }) => id,
};
const rows: Row[] = [
  { id: "a", size: 1 },
  { id: "bcd", size: 200 },
];
const HOSTILE = "\u001b]0;owned\u0007 \u202etxt\u009b31m";

let printed = "";
beforeEach(() => {
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk, done) => {
    printed += String(chunk);
    (done as unknown as () => void)();
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe("rows are printed", () => {
  it("as a table without lines and colours", async () => {
    await printRows(rows, view, {});

    expect(printed).toBe("ID   SIZE\na       1\nbcd   200\n");
  });

  it("as a table with its heads where there is none", async () => {
    await printRows([], view, {});

    expect(printed).toBe("ID  SIZE\n");
  });

  it("as JSON, NDJSON, YAML and names", async () => {
    await printRows(rows, view, { json: true });
    expect(JSON.parse(printed)).toEqual(rows);

    printed = "";
    await printRows(rows, view, { output: "ndjson" });
    expect(printed).toBe('{"id":"a","size":1}\n{"id":"bcd","size":200}\n');

    printed = "";
    await printRows(rows, view, { output: "yaml" });
    expect(parse(printed)).toEqual(rows);

    printed = "";
    await printRows(rows, view, { output: "name" });
    expect(printed).toBe("a\nbcd\n");
  });
});

describe("one thing is printed", () => {
  it("as one line a column", async () => {
    await printOne(rows[0]!, view, {});

    expect(printed).toBe("ID    a\nSIZE  1\n");
  });

  it("as one JSON object", async () => {
    await printOne(rows[0]!, view, { json: true });

    expect(JSON.parse(printed)).toEqual(rows[0]);
  });
});

describe("a hostile text", () => {
  it.each(["table", "json", "ndjson", "yaml", "name"])("cannot steer the terminal in %s", async (output) => {
    await printRows([{ id: HOSTILE, size: 1 }], view, { output });
    await printOne({ id: HOSTILE, size: 1 }, view, { output });

    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
    expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it.each<[string, (text: string) => unknown]>([
    ["json", JSON.parse],
    ["yaml", parse],
  ])("is still the same data in %s", async (output, read) => {
    await printOne({ id: HOSTILE, size: 1 }, view, { output });

    expect(read(printed)).toEqual({ id: HOSTILE, size: 1 });
  });
});

it("lets -o go before --json, and refuses a format that it does not know", () => {
  expect(formatOf({ json: true, output: "yaml" })).toBe("yaml");
  expect(() => formatOf({ output: "xml" })).toThrow('-o must be one of table, json, ndjson, yaml, name, got "xml"');
});
