import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { RigError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SealKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** The first seals, all open; so a new one is put in front and the old ones stay until nothing is sealed with them. */
export type SealKeys = readonly SealKey[];

/** A secret as a row holds it: `sealed` is nonce, tag, ciphertext. */
export interface Sealed {
  readonly sealKeyId: string;
  readonly sealed: Buffer;
}

/** Seals and opens secrets; `place` (table, column, row) is bound in, so a sealed value is worth nothing elsewhere. */
export interface Sealer {
  seal(secret: Secret, place: string): Sealed;
  /** @throws RigError CHECK_FAILED where the seal key is not there, or the value was tampered with or moved */
  open(value: Sealed, place: string): Secret;
}

/** @throws RigError INVALID_SETTING for an empty list or an id that is there twice */
export function aesSealer(keys: SealKeys): Sealer {
  const [first] = keys;
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  if (!first || byId.size !== keys.length)
    throw new RigError("INVALID_SETTING", "sealKeys must hold at least one key, each with an id of its own");
  return {
    seal(secret, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", first.key, nonce).setAAD(associatedData(first.id, place));
      const ciphertext = Buffer.concat([cipher.update(secret.open(), "utf8"), cipher.final()]);
      return { sealKeyId: first.id, sealed: Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]) };
    },
    open({ sealKeyId, sealed }, place) {
      const key = byId.get(sealKeyId);
      if (!key)
        throw new RigError("CHECK_FAILED", `${place} is sealed with ${sealKeyId}, which is not in SEAL_KEYS`, {
          hint: "put that seal key back, behind the present one",
        });
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        })
          .setAAD(associatedData(sealKeyId, place))
          .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
        return new Secret(text.toString("utf8"));
      } catch (cause) {
        throw new RigError(
          "CHECK_FAILED",
          `${place} does not open: it was changed, or sealed with another ${sealKeyId}`,
          { cause },
        );
      }
    },
  };
}

const associatedData = (sealKeyId: string, place: string): Buffer => Buffer.from(`${sealKeyId}\0${place}`, "utf8");
