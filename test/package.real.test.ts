import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packageFile } from "../src/runtime/package-file.ts";

let folder: string;
let installed: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-package-"));
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: packageFile("."),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  execFileSync("tar", ["-xzf", join(folder, JSON.parse(packed)[0].filename), "-C", folder]);
  installed = join(folder, "package");
  symlinkSync(packageFile("node_modules"), join(installed, "node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rig = (...args: string[]) =>
  execFileSync(process.execPath, [join(installed, "bin/rig.js"), ...args], { cwd: folder, encoding: "utf8" });

it("runs where only what is published was unpacked", () => {
  const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));

  expect(rig("--version")).toBe(`${version}\n`);
  expect(JSON.parse(rig("config", "show", "--json")).serverPort).toBe(8443);
});

it("brings what is read at run time, and a bin that can be executed", () => {
  const needed = ["src/db/migrations/0001-initial.sql", "assets/demo.flv", "config.sample.ts", "LICENSE"];

  expect(needed.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
  expect(statSync(join(installed, "bin/rig.js")).mode & 0o111).toBe(0o111);
});

it("brings no sources, tests or benchmarks", () => {
  const strays = ["test", "bench", "dist/bench", "dist/test", "commands", "src/domain"];

  expect(strays.filter((path) => existsSync(join(installed, path)))).toEqual([]);
});
