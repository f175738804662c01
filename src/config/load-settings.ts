import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type InputFault, RigError } from "../domain/errors.ts";
import { type ConfigFile, readConfigFile } from "./config-file.ts";
import { findDataFolder } from "./data-folder.ts";
import type { Setting } from "./setting.ts";
import type { SettingFlag } from "./setting-flags.ts";
import { SETTING_NAMES, SETTINGS, type SettingName, type Settings } from "./settings.ts";

/** Where a value came from. `at` names it for a person: `--data`, `environment variable RIG_DATA`, a path, `default`. */
export interface Origin {
  readonly kind: "flag" | "environment" | "file" | "default";
  readonly at: string;
}

export interface LoadedSettings {
  readonly settings: Settings;
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** The config.ts that was read, or null. */
  readonly configFile: string | null;
}

interface Sources {
  readonly flags?: readonly SettingFlag[];
  /** What `--config` names. */
  readonly config?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

interface Found {
  readonly raw: unknown;
  readonly origin: Origin;
  /** What a relative path is relative to. */
  readonly base: string;
}

/**
 * Loads and checks all settings: flags > environment > config.ts > default. An empty environment variable counts as unset.
 * @throws RigError INVALID_SETTING that names setting, value, what is allowed and where it came from; `faults` lists all
 */
export const loadSettings = (sources: Sources = {}): Promise<LoadedSettings> => load(SETTING_NAMES, sources);

/**
 * The data folder alone, by the same order: what is wrong with other settings does not matter to whoever needs no more.
 * @throws RigError INVALID_SETTING
 */
export async function loadDataFolder(sources: Sources = {}): Promise<string> {
  const { settings } = await load(["dataFolder"], sources);
  return settings.dataFolder;
}

interface Loaded<Name extends SettingName> {
  readonly settings: Pick<Settings, Name>;
  readonly origins: Readonly<Record<Name, Origin>>;
  readonly configFile: string | null;
}

async function load<Name extends SettingName>(
  names: readonly Name[],
  { flags = [], config, env = process.env, cwd = process.cwd() }: Sources,
): Promise<Loaded<Name>> {
  const file = await readConfigFile(config, env, cwd);
  const settings: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  const faults: InputFault[] = [];
  for (const name of names) {
    const setting: Setting<unknown> = SETTINGS[name];
    const found =
      fromFlags(name, flags, cwd) ?? fromEnvironment(setting, env, cwd, name, faults) ?? fromFile(name, file) ?? null;
    origins[name] = found?.origin ?? { kind: "default", at: "default" };
    settings[name] = found ? check(name, setting, found, faults) : setting.default;
  }
  if (origins.dataFolder?.kind === "default") settings.dataFolder = findDataFolder(cwd);
  if (faults.length > 0) throw invalidSettings(faults);
  return {
    settings: settings as Loaded<Name>["settings"],
    origins: origins as Loaded<Name>["origins"],
    configFile: file?.path ?? null,
  };
}

function fromFlags(name: SettingName, flags: readonly SettingFlag[], cwd: string): Found | null {
  const given = flags.findLast((flag) => flag.name === name);
  return given ? { raw: given.value, origin: { kind: "flag", at: given.flag }, base: cwd } : null;
}

function fromEnvironment(
  { env: variable, type }: Setting<unknown>,
  env: NodeJS.ProcessEnv,
  cwd: string,
  name: SettingName,
  faults: InputFault[],
): Found | null {
  const found = (raw: string, from: string): Found => ({
    raw,
    origin: { kind: "environment", at: `environment variable ${from}` },
    base: cwd,
  });
  const raw = env[variable];
  if (raw) return found(raw, variable);
  const path = type === "secret" ? env[`${variable}_FILE`] : undefined;
  if (!path) return null;
  try {
    return found(readFileSync(resolve(cwd, path), "utf8").replace(/\r?\n$/, ""), `${variable}_FILE`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    faults.push({
      field: name,
      message: `cannot be read from ${path}: ${code ?? "unreadable"} (from environment variable ${variable}_FILE)`,
    });
    return null;
  }
}

function fromFile(name: SettingName, file: ConfigFile | null): Found | null {
  const raw = file?.values[name];
  if (!file || raw === undefined) return null;
  return { raw, origin: { kind: "file", at: file.path }, base: dirname(file.path) };
}

function check(
  name: SettingName,
  setting: Setting<unknown>,
  { raw, origin, base }: Found,
  faults: InputFault[],
): unknown {
  if (raw === null && setting.default === null) return null;
  const value = setting.read(raw);
  if (value === undefined) {
    const shown = setting.type === "secret" ? "[redacted]" : JSON.stringify(raw);
    const fault = setting.faultOf?.(raw) ?? `must be ${setting.allowed}, got ${shown}`;
    faults.push({ field: name, message: `${fault} (from ${origin.at})` });
  }
  return setting.type === "path" && typeof value === "string" ? resolve(base, value) : value;
}

function invalidSettings(faults: readonly InputFault[]): RigError {
  const [first] = faults;
  const others = faults.length > 1 ? `; and ${faults.length - 1} more` : "";
  return new RigError("INVALID_SETTING", `${first?.field} ${first?.message}${others}`, {
    hint: "`rig config check` lists every bad setting, config.sample.ts what each means.",
    faults,
  });
}
