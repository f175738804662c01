import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Secret } from "../domain/secret.ts";

/** An operator's bearer token as the server knows it: only its hash. */
export interface OperatorToken {
  /** Stands in the audit trail. */
  readonly name: string;
  /** SHA-256 of the token, hex. */
  readonly sha256: string;
}

/** SHA-256, hex: what of a bearer token may be stored. */
export const hashOfToken = (token: Secret): string => createHash("sha256").update(token.open()).digest("hex");

/** The one operator's token of a configuration; nobody without it. */
export const operatorTokensOf = (token: Secret | null): readonly OperatorToken[] =>
  token === null ? [] : [{ name: "operator", sha256: hashOfToken(token) }];

const BEARER = /^Bearer +([\x21-\x7e]{1,1024})$/i;

/** The bearer token that a request shows; null where it shows none, or none that could be one. */
export function bearerOf({ headers }: Pick<IncomingMessage, "headers">): Secret | null {
  const token = BEARER.exec(headers.authorization ?? "")?.[1];
  return token === undefined ? null : new Secret(token);
}

/** Whether a request shows an operator's token. */
export function isOperator(request: Pick<IncomingMessage, "headers">, tokens: readonly OperatorToken[]): boolean {
  const bearer = bearerOf(request);
  return bearer !== null && findOperator(tokens, bearer) !== null;
}

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
