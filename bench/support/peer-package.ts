import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { packageFile } from "../../src/runtime/package-file.ts";

/**
 * A package of bench/package.json. Its types are not to be had where it is not installed, which is everywhere but where
 * benchmarks run: so each caller declares what little it uses.
 */
export const peerPackage = (name: string): unknown => createRequire(packageFile("bench/package.json"))(name);

/** Installs the packages of bench/package.json where its lockfile is newer than what is there. */
export async function installPeers(): Promise<void> {
  const installed = packageFile("bench/node_modules/.package-lock.json");
  const wanted = packageFile("bench/package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: packageFile("bench"),
  });
}
