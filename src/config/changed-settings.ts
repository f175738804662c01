import type { LoadedSettings } from "./load-settings.ts";
import { SETTINGS } from "./settings.ts";
import { showSettings } from "./show-settings.ts";

/** Settings by name that are not at their default, as they may be shown: of a secret only that it is set. */
export type ChangedSettings = Readonly<Record<string, unknown>>;

/** The settings that are not at their default, but for the data folder. */
export const changedSettings = (loaded: LoadedSettings): ChangedSettings =>
  Object.fromEntries(
    showSettings(loaded)
      .filter(({ name, value }) => name !== "dataFolder" && !isSame(value, SETTINGS[name].default))
      .map(({ name, value }) => [name, value]),
  );

/** A setting that is another one now than it was at a start; undefined: at its default. */
export interface SettingDifference {
  readonly name: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** What differs between the settings of a start and those of now. Two secrets are the same to it. */
export const settingDifferences = (before: ChangedSettings, now: ChangedSettings): SettingDifference[] =>
  [...new Set([...Object.keys(now), ...Object.keys(before)])]
    .map((name) => ({ name, before: before[name], now: now[name] }))
    .filter((difference) => !isSame(difference.before, difference.now));

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
