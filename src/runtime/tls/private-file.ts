import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RigError } from "../../domain/errors.ts";

/**
 * Writes a 0600 file whole or not at all: aside, flushed to the disk, then renamed over the old one.
 * The folder must exist.
 * @throws RigError DATA_FOLDER
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    const file = await open(aside, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {}); // what failed first is what matters
    throw new RigError("DATA_FOLDER", `${path} cannot be written`, { cause: error });
  }
  await flushFolder(dirname(path));
}

/** Without this a crash of the machine may bring the old name back. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
