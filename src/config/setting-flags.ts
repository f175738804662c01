import { RigError } from "../domain/errors.ts";
import { unknownSetting } from "./config-file.ts";
import { isSettingName, SETTINGS, type SettingName } from "./settings.ts";

/** A setting given on the command line. */
export interface SettingFlag {
  readonly name: SettingName;
  readonly value: string;
  /** As it was spelt: `--set serverPort`, `--data`. */
  readonly flag: string;
}

/**
 * Reads one `--set NAME=VALUE`.
 * @throws RigError INVALID_SETTING for an unknown name, a missing value, or a secret, which is never given as a flag
 */
export function readSetFlag(text: string): SettingFlag {
  const at = text.indexOf("=");
  const name = at === -1 ? text : text.slice(0, at);
  if (!isSettingName(name)) throw unknownSetting(name, "--set");
  if (SETTINGS[name].type === "secret")
    throw new RigError("INVALID_SETTING", `${name} is a secret and cannot be given on the command line`, {
      hint: `Put it into a file and name that by ${SETTINGS[name].env}_FILE.`,
    });
  if (at === -1)
    throw new RigError("INVALID_SETTING", `--set ${name} needs a value`, { hint: `Write --set ${name}=…` });
  return { name, value: text.slice(at + 1), flag: `--set ${name}` };
}
