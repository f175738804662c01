import { RigError } from "../domain/errors.ts";
import type { Secret } from "../domain/secret.ts";

/** A key that seals destination keys at rest. */
export interface SealKey {
  readonly id: string;
  /** 32 bytes, for AES-256-GCM. */
  readonly key: Buffer;
}

const SEAL_KEY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/;

/** What SEAL_KEYS must look like, as an error says it. */
export const SEAL_KEYS_FORM = "id:base64 of 32 bytes, several separated by commas, each id once";

/** Opens the list of SEAL_KEYS: the first one seals, all open. @throws RigError INVALID_SETTING */
export function openSealKeys(list: Secret): [SealKey, ...SealKey[]] {
  const [first, ...others] = parseSealKeys(list.open()) ?? [];
  if (!first) throw new RigError("INVALID_SETTING", `sealKeys must be ${SEAL_KEYS_FORM}, got [redacted]`);
  return [first, ...others];
}

/** The seal keys of a text; null where it does not have their form. */
export function parseSealKeys(text: string): SealKey[] | null {
  const keys: SealKey[] = [];
  for (const item of text.split(",")) {
    const [, id, base64] = SEAL_KEY.exec(item.trim()) ?? [];
    if (!id || !base64 || keys.some((other) => other.id === id)) return null;
    keys.push({ id, key: Buffer.from(base64, "base64") });
  }
  return keys;
}
