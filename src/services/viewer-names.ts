import type { ViewerSessionName } from "./viewer-session-store.ts";

/** SHA-256 of a text, hex. */
export type Sha256 = (text: string) => string;

const MOST_NAME_CHARACTERS = 256;
const SHORT_CHARACTERS = Math.floor(MOST_NAME_CHARACTERS / 6); // however escaped
const TOKEN_HASH_DIGITS = 32; // 128 bits: more than a uuid v4 has

/** A session by its name: any text but an empty one. */
export function viewerSessionName(session: string, hash: Sha256): ViewerSessionName {
  // Escaped, so that no text of control characters takes six times its length in the store.
  const isShort = session.length <= SHORT_CHARACTERS || JSON.stringify(session).length - 2 <= MOST_NAME_CHARACTERS;
  return { key: hash(session), name: isShort ? session : null };
}

/** A token as stores know it. */
export const viewerTokenHash = (token: string, hash: Sha256): string => hash(token).slice(0, TOKEN_HASH_DIGITS);
