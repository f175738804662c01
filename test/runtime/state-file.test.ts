import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { prepareDataFolder, stateFile } from "../../src/runtime/state-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-state-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

it("gives back what was written, and that its writer runs", async () => {
  const file = stateFile<{ url: string }>(folder);

  expect(await file.read()).toBeNull();
  await file.write({ url: "https://127.0.0.1:8443" });

  expect(await file.read()).toMatchObject({ running: true, state: { url: "https://127.0.0.1:8443" } });
});

it("is readable by its owner alone, and leaves nothing beside it", async () => {
  await stateFile(folder).write({});

  expect(modeOf(join(folder, "state.json"))).toBe("600");
  expect(readdirSync(folder)).toEqual(["state.json"]);
});

it("knows a killed writer", async () => {
  const file = stateFile<object>(folder);
  await file.write({});
  const text = readFileSync(join(folder, "state.json"), "utf8");
  writeFileSync(join(folder, "state.json"), text.replace(/"start": "[^"]*"/, '"start": "another"'));

  expect(await file.read()).toMatchObject({ running: false, state: {} });
});

it.each(["", "{", "[]", '{"owner":{"pid":"1"}}'])("says that it is damaged: %j", async (text) => {
  writeFileSync(join(folder, "state.json"), text);

  await expect(stateFile(folder).read()).rejects.toMatchObject({ code: "DATA_FOLDER" });
});

it("can be removed twice", async () => {
  const file = stateFile(folder);
  await file.write({});

  await file.remove();
  await file.remove();

  expect(await file.read()).toBeNull();
});

it("is in a data folder that nobody else may enter", async () => {
  await prepareDataFolder(join(folder, "deep/data"));

  expect(modeOf(join(folder, "deep/data"))).toBe("700");
});

it("refuses a data folder that cannot be one", async () => {
  writeFileSync(join(folder, "file"), "");

  await expect(prepareDataFolder(join(folder, "file/data"))).rejects.toMatchObject({ code: "DATA_FOLDER" });
});
