import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readSecretInput } from "../../../src/runtime/cli/secret-input.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-secret-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = async (content: string) => {
  const path = join(folder, "key");
  writeFileSync(path, content);
  return (await readSecretInput(path, "--key-file")).open();
};

it.each([
  ["key", "key"],
  ["key\n", "key"],
  ["key\r\n", "key"],
  ["key\n\n", "key\n"],
  [" key ", " key "],
  ["a=b?c#d", "a=b?c#d"],
])("reads %j as %j: one trailing newline is cut", async (content, key) => {
  expect(await read(content)).toBe(key);
});

it.each(["", "\n", "x".repeat(64 * 1024 + 1)])("refuses a file that is no key", async (content) => {
  await expect(read(content)).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

it("names a file that cannot be read", async () => {
  await expect(readSecretInput(join(folder, "gone"), "--key-file")).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: `--key-file ${join(folder, "gone")} cannot be read (ENOENT)`,
  });
});
