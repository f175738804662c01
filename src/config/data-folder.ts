import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * The data folder where nobody named one: this user's nearest `.rig` from `cwd` upward, else `./.rig`, which may not exist
 * yet. One that belongs to somebody else is passed over: it could name a database that listens for passwords.
 */
export function findDataFolder(cwd: string, uid: number | undefined = process.getuid?.()): string {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const candidate = join(folder, ".rig");
    if (isOwn(candidate, uid)) return candidate;
    if (dirname(folder) === folder) return resolve(cwd, ".rig");
  }
}

function isOwn(folder: string, uid: number | undefined): boolean {
  try {
    const found = statSync(folder);
    return found.isDirectory() && (uid === undefined || found.uid === uid);
  } catch {
    return false; // none there, or in a place that this user may not look into
  }
}
