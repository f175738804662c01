import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The data folder where nobody named one: the nearest `.rig` from `cwd` upward, else `./.rig`, which may not exist yet. */
export function findDataFolder(cwd: string): string {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const candidate = join(folder, ".rig");
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return resolve(cwd, ".rig");
  }
}
