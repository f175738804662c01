import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { ERRORS } from "../../src/domain/errors.ts";

const NUMBERS: Readonly<Record<number, string>> = {
  1000: "not found",
  1001: "method not allowed",
  1002: "content type",
  1003: "invalid credentials or scope",
  1004: "missing input",
  1005: "invalid input",
  1006: "cannot create",
  1007: "cannot update",
  1008: "cannot fetch",
  1009: "in use",
};

describe("spec/v1/errors.md", () => {
  it("lists the error table, row by row", async () => {
    const text = await readFile(new URL("../../spec/v1/errors.md", import.meta.url), "utf8");
    const rows = text.split("\n").filter((line) => /^\| `[A-Z]/.test(line));

    const expected = Object.entries(ERRORS).map(
      ([code, { numeric, httpStatus, exitCode, fault, retryable }]) =>
        `| \`${code}\` | ${numeric} | ${httpStatus} | ${exitCode} | ${fault} | ${retryable ? "yes" : "no"} |`,
    );

    expect(rows).toEqual(expected);
  });

  it("says what each number means", async () => {
    const text = await readFile(new URL("../../spec/v1/errors.md", import.meta.url), "utf8");

    for (const { numeric } of Object.values(ERRORS)) expect(text).toContain(`| ${numeric} | ${NUMBERS[numeric]}`);
  });
});
