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
  const path = secretFile(name, env);
  if (path === null) return loaded;
  const text = await readFile(path, "utf8").catch(() => null); // half replaced: asked for again soon
  return (text !== null && SETTINGS[name].read(text.replace(/\r?\n$/, ""))) || loaded;
}

/** The file that a secret is read from; null where `<env>_FILE` names none, or the variable itself comes before it. */
export function secretFile(name: SecretName, env: NodeJS.ProcessEnv = process.env): string | null {
  const { env: variable } = SETTINGS[name];
  const path = env[variable] ? undefined : env[`${variable}_FILE`];
  return path ? resolve(path) : null;
}
