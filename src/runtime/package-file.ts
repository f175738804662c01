import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

let root: string | undefined;

/** Absolute path of a file that ships with the package, from its root: the same from `src/` and from `dist/src/`. */
export function packageFile(relativePath: string): string {
  root ??= findRoot(import.meta.dirname);
  return join(root, relativePath);
}

/** rig's own version. */
export const packageVersion = (): string => JSON.parse(readFileSync(packageFile("package.json"), "utf8")).version;

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("package.json is missing above the program");
  return findRoot(above);
}
