import { type LoadedSettings, loadDataFolder, loadSettings } from "../src/config/load-settings.ts";
import { readSetFlag, type SettingFlag } from "../src/config/setting-flags.ts";
import type { OutputFlags } from "../src/runtime/cli/output.ts";

/** The options that every subcommand takes. */
export interface GlobalOptions extends OutputFlags {
  readonly data?: string;
  readonly config?: string;
  readonly set?: readonly string[];
}

/**
 * Loads the settings as the command line gives them.
 * @param more flags that one command has for a setting
 * @throws RigError INVALID_SETTING
 */
export const settingsOf = (options: GlobalOptions, more: readonly SettingFlag[] = []): Promise<LoadedSettings> =>
  loadSettings(sourcesOf(options, more));

/** The data folder alone, for commands that need no other setting and must work where one is bad. @throws RigError INVALID_SETTING */
export const dataFolderOf = (options: GlobalOptions): Promise<string> => loadDataFolder(sourcesOf(options));

function sourcesOf({ data, config, set = [] }: GlobalOptions, more: readonly SettingFlag[] = []) {
  const flags: SettingFlag[] = [...set.map(readSetFlag), ...more];
  if (data !== undefined) flags.push({ name: "dataFolder", value: data, flag: "--data" });
  return { flags, config };
}
