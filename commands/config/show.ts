import { type ShownSetting, showSettings } from "../../src/config/show-settings.ts";
import { type Column, formatOf, printOne, printRows, type View } from "../../src/runtime/cli/output.ts";
import { type GlobalOptions, settingsOf } from "../global-options.ts";

/** `rig config show [--origin]`; as JSON `{name: value}`, with --origin `{name: {value, origin, …}}`. */
export async function run(options: GlobalOptions & { origin?: boolean }): Promise<void> {
  const shown = showSettings(await settingsOf(options));
  const format = formatOf(options);
  if (format === "table" || format === "name") return printRows(shown, settingView(options.origin === true), options);
  const json = () =>
    Object.fromEntries(shown.map(({ name, ...setting }) => [name, options.origin ? setting : setting.value]));
  return printOne(shown, { columns: [], json, name: String }, options);
}

function settingView(withOrigin: boolean): View<ShownSetting> {
  const origin: Column<ShownSetting> = { head: "ORIGIN", cell: (setting) => setting.origin };
  return {
    columns: [
      { head: "SETTING", cell: ({ name }) => name },
      { head: "VALUE", cell: ({ value, unit }) => `${textOf(value)}${unit ? ` ${unit}` : ""}` },
      ...(withOrigin ? [origin] : []),
      { head: "ENVIRONMENT", cell: ({ env }) => env },
      { head: "MEANING", cell: ({ meaning }) => meaning },
    ],
    json: (row) => row,
    name: ({ name }) => name,
  };
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(",") || "-";
  if (value === null) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
