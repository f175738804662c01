import type { LoadedSettings } from "./load-settings.ts";
import { SETTING_NAMES, SETTINGS, type SettingName } from "./settings.ts";

/** A setting as it is shown: a secret is `[redacted]`, or null where there is none. */
export interface ShownSetting {
  readonly name: SettingName;
  readonly value: unknown;
  readonly unit: string | null;
  readonly origin: string;
  readonly env: string;
  readonly meaning: string;
}

/** All settings, ready to be printed. */
export function showSettings({ settings, origins }: LoadedSettings): ShownSetting[] {
  return SETTING_NAMES.map((name) => {
    const { type, unit, env, meaning } = SETTINGS[name];
    const value = settings[name];
    return {
      name,
      value: type === "secret" && value !== null ? "[redacted]" : value,
      unit,
      origin: origins[name].at,
      env,
      meaning,
    };
  });
}
