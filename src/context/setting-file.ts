import { readFile } from "node:fs/promises";
import { SETTINGS, type Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";

type PathSetting = Extract<keyof Settings, `tls${string}` | `${"etcd" | "redis"}${"Ca" | "Cert" | "Key"}`>;

/** The text of the PEM file that a setting names; null where it is not set. @throws RigError INVALID_SETTING naming both */
export async function readPemOf(settings: Settings, setting: PathSetting): Promise<string | null> {
  const path = settings[setting];
  if (path === null) return null;
  return readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new RigError("INVALID_SETTING", `${setting}: ${path} cannot be read: ${cause.code}`, {
      cause,
      hint: `Set ${SETTINGS[setting].env} to a PEM file that this user may read.`,
    });
  });
}
