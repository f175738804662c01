import { type LoadedSettings, loadSettings } from "../src/config/load-settings.ts";
import { readSetFlag, type SettingFlag } from "../src/config/setting-flags.ts";
import type { OutputFlags } from "../src/runtime/cli/output.ts";

/** The options that every subcommand takes. */
export interface GlobalOptions extends OutputFlags {
  readonly data?: string;
  readonly config?: string;
  readonly set?: readonly string[];
}

/** Loads the settings as the command line gives them. @throws RigError INVALID_SETTING */
export function settingsOf({ data, config, set = [] }: GlobalOptions): Promise<LoadedSettings> {
  const flags: SettingFlag[] = set.map(readSetFlag);
  if (data !== undefined) flags.push({ name: "dataFolder", value: data, flag: "--data" });
  return loadSettings({ flags, config });
}
