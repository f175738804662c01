import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keepSealKeys, keepSecret } from "../../src/context/private-secrets.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sealKeys = (hasDatabase: boolean) => keepSealKeys(folder, hasDatabase, () => "made");

it("keeps a secret that it made, for its owner alone", async () => {
  const path = join(folder, "token");

  expect((await keepSecret(path, () => "first")).open()).toBe("first");
  expect((await keepSecret(path, () => "second")).open()).toBe("first");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("makes a secret anew where a crash left its file empty", async () => {
  const path = join(folder, "token");
  writeFileSync(path, "\n");

  expect((await keepSecret(path, () => "made")).open()).toBe("made");
});

it("makes seal keys at the first start, and keeps them beside the database", async () => {
  expect((await sealKeys(false)).open()).toBe("made");
  expect((await sealKeys(true)).open()).toBe("made");
});

it.each([
  ["missing", null],
  ["empty", ""],
])("makes no new seal keys beside a database that holds what the %s ones sealed", async (_what, text) => {
  const path = join(folder, "seal-keys");
  if (text !== null) writeFileSync(path, text);

  await expect(sealKeys(true)).rejects.toMatchObject({
    code: "DATA_FOLDER",
    message: `${path} is missing or empty: no destination key in the database can be opened`,
  });

  if (text !== null) expect(readFileSync(path, "utf8")).toBe("");
});
