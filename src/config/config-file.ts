import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { RigError } from "../domain/errors.ts";
import { nearestName } from "./nearest-name.ts";
import { isSettingName, SETTING_NAMES, type SettingName } from "./settings.ts";

/** The values of a config.ts, unchecked, and where it lies. */
export interface ConfigFile {
  readonly path: string;
  readonly values: Partial<Record<SettingName, unknown>>;
}

/**
 * Reads the configuration file: `--config` > RIG_CONFIG > ./config.ts.
 * @returns null where none was named and ./config.ts does not exist
 * @throws RigError INVALID_SETTING for a named file that is missing, one that fails to load, or a key that is no setting
 */
export async function readConfigFile(
  named: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<ConfigFile | null> {
  const chosen = named ?? (env.RIG_CONFIG || undefined);
  const path = resolve(cwd, chosen ?? "config.ts");
  if (!existsSync(path)) {
    if (chosen === undefined) return null;
    throw new RigError("INVALID_SETTING", `the configuration file ${path} does not exist`, {
      hint: `It was named by ${named === undefined ? "the environment variable RIG_CONFIG" : "--config"}.`,
    });
  }
  const exported = await load(path);
  if (typeof exported !== "object" || exported === null || Array.isArray(exported))
    throw new RigError("INVALID_SETTING", `${path} must export an object by default`, {
      hint: "config.sample.ts shows one.",
    });
  for (const key of Object.keys(exported)) if (!isSettingName(key)) throw unknownSetting(key, path);
  return { path, values: exported };
}

/** @returns the error for a name that is no setting, with the one that was meant, if any is near */
export function unknownSetting(name: string, origin: string): RigError {
  const near = nearestName(name, SETTING_NAMES);
  return new RigError("INVALID_SETTING", `${JSON.stringify(name)} is not a setting (from ${origin})`, {
    hint: near ? `Did you mean ${near}?` : "`rig config show` lists all settings.",
  });
}

async function load(path: string): Promise<unknown> {
  const { createJiti } = await import("jiti"); // 20 ms that only a config.ts costs
  const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false }); // its cache would keep secrets
  try {
    return await jiti.import(path, { default: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RigError("INVALID_SETTING", `${path} cannot be loaded: ${message}`, { cause: error });
  }
}
