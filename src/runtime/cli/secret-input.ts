import { invalidInput } from "../../domain/errors.ts";
import { Secret } from "../../domain/secret.ts";
import { readTextInput } from "./text-input.ts";

const MAX_BYTES = 64 * 1024; // more is no key but the wrong file

/**
 * Reads a secret from a file, or from stdin for `-`; one trailing newline is cut, all else stays.
 * @param flag how the file was named, for errors: `--key-file`
 * @throws RigError INVALID_INPUT for a file that is empty, too long or not to be read
 */
export async function readSecretInput(source: string, flag: string): Promise<Secret> {
  const text = (await readTextInput(source, flag, MAX_BYTES)).replace(/\r?\n$/, "");
  if (text === "") throw invalidInput(flag, `${source === "-" ? "got nothing on stdin" : `${source} is empty`}`);
  return new Secret(text);
}
