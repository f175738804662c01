import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Secret } from "../domain/secret.ts";
import { SETTINGS, type SettingName, type Settings } from "./settings.ts";

type SecretName = { [Name in SettingName]: Settings[Name] extends Secret | null ? Name : never }[SettingName];

/**
 * A secret as it is now: what the file that `<env>_FILE` names holds by now, since it may be rotated while rig runs; else
 * the one that was loaded, also where the file is gone or holds none. Never rejects.
 */
export async function currentSecret(
  name: SecretName,
  loaded: Secret,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Secret> {
  const { env: variable, read } = SETTINGS[name];
  const path = env[variable] ? undefined : env[`${variable}_FILE`];
  if (!path) return loaded;
  const text = await readFile(resolve(path), "utf8").catch(() => null); // half replaced: asked for again soon
  return (text !== null && read(text.replace(/\r?\n$/, ""))) || loaded;
}
