import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RigError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import { writePrivateFile } from "../runtime/tls/private-file.ts";

/** The file of the operator's bearer token, as `rig up` makes it. */
export const operatorTokenFile = (dataFolder: string): string => join(dataFolder, "operator-token");

/** The file of the keys that seal destination keys, as `rig up` makes it. */
export const sealKeysFile = (dataFolder: string): string => join(dataFolder, "seal-keys");

/** The file of the secret of viewer sessions, as `rig up` makes it. */
export const tokenSecretFile = (dataFolder: string): string => join(dataFolder, "token-secret");

/** The secret of a file, without its trailing newline; null where there is none. @throws RigError DATA_FOLDER */
export async function readSecret(path: string): Promise<Secret | null> {
  try {
    return new Secret((await readFile(path, "utf8")).replace(/\r?\n$/, ""));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new RigError("DATA_FOLDER", `${path} cannot be read: ${code}`, { cause: error });
  }
}

/**
 * The keys that seal destination keys, made at the first start of a data folder.
 * @param hasDatabase new keys would open nothing of what stands there
 * @throws RigError DATA_FOLDER where they are gone since
 */
export async function keepSealKeys(dataFolder: string, hasDatabase: boolean, make: () => string): Promise<Secret> {
  const path = sealKeysFile(dataFolder);
  if (hasDatabase && isBlank(await readSecret(path)))
    throw new RigError("DATA_FOLDER", `${path} is missing or empty: no destination key in the database can be opened`, {
      hint: "Restore it from a backup, or name the keys by SEAL_KEYS_FILE.",
    });
  return keepSecret(path, make);
}

const isBlank = (secret: Secret | null): secret is null => secret === null || secret.open() === "";

/** The secret of a file, which is made (0600) at the first call, and again where the file is empty. */
export async function keepSecret(path: string, make: () => string): Promise<Secret> {
  const kept = await readSecret(path);
  if (!isBlank(kept)) return kept;
  const made = make();
  await writePrivateFile(path, `${made}\n`);
  return new Secret(made);
}
