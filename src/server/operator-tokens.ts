import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../domain/secret.ts";

/** An operator's bearer token as the server knows it: only its hash. */
export interface OperatorToken {
  /** Stands in the audit trail. */
  readonly name: string;
  /** SHA-256 of the token, hex. */
  readonly sha256: string;
}

/** SHA-256, hex: what of a bearer token may be stored. */
export const hashOfToken = (token: Secret): string => createHash("sha256").update(token.open()).digest("hex");

/** Whose token this is, or null. Compares hashes, all of them, in constant time: how long it takes says nothing. */
export function findOperator(tokens: readonly OperatorToken[], presented: Secret): OperatorToken | null {
  const hash = Buffer.from(hashOfToken(presented), "hex");
  let found: OperatorToken | null = null;
  for (const token of tokens) {
    const known = Buffer.from(token.sha256, "hex");
    if (known.length === hash.length && timingSafeEqual(known, hash)) found = token;
  }
  return found;
}
