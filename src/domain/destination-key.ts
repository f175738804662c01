import { invalidInput } from "./errors.ts";
import type { Secret } from "./secret.ts";

const MAX_BYTES = 900; // ffmpeg prints a line of its preset that is over 999 bytes
const CONTROL = /\p{Cc}/u; // a newline would add options to ffmpeg's preset

/**
 * Checks a destination key: 1-900 bytes of UTF-8 and no control character. Spaces and `? = # &` are part of it.
 * @throws RigError INVALID_INPUT, which never shows the key
 */
export function checkDestinationKey(destinationKey: Secret): Secret {
  const text = destinationKey.open();
  const bytes = utf8Length(text);
  if (bytes < 1 || bytes > MAX_BYTES)
    throw invalidInput("destinationKey", `must be 1-${MAX_BYTES} bytes, got ${bytes}`);
  if (CONTROL.test(text)) throw invalidInput("destinationKey", "must hold no control character, not even a newline");
  return destinationKey;
}

/** Bytes of a text in UTF-8; a half of a surrogate pair counts as the three bytes that replace it. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
