import { RigError } from "../domain/errors.ts";
import type { Secret } from "../domain/secret.ts";
import {
  readSessionSecret,
  SESSION_SECRET_START,
  type SessionGrant,
  sessionSecretText,
  signedGrant,
} from "../domain/session-secret.ts";
import type { ViewerRules } from "../domain/viewer-operation.ts";
import { DEFAULT_PLAN, MOST_VIEWERS, rulesOf } from "../domain/viewer-plan.ts";
import type { DeskSession } from "./viewer-desk.ts";

/** What a caller says of the session that is meant. */
export interface NamedSession {
  readonly session: string;
  readonly plan?: string | undefined;
  readonly limit?: number | undefined;
}

/** Decides who may do something with a viewer session, and what holds for it. */
export interface ViewerAccess {
  /**
   * The session with its rules: for an operator (null) those that the call names, else those that the secret was made with.
   * @throws RigError INVALID_CREDENTIALS, FORBIDDEN, NOT_CONFIGURED, INVALID_INPUT for a plan that there is not
   */
  admit(named: NamedSession, sessionSecret: Secret | null): DeskSession;
  /** A secret that lets its holder act for this session alone. @throws RigError NOT_CONFIGURED, INVALID_INPUT */
  newSecret(named: NamedSession): { readonly secret: string; readonly plan: string; readonly limit: number };
}

interface ViewerAccessPorts {
  /** By plan. */
  readonly rules: ReadonlyMap<string, ViewerRules>;
  /** HMAC-SHA256 under TOKEN_SECRET, base64url; null where that is not set. */
  readonly sign: ((text: string) => string) | null;
}

/** True for a bearer token that means to be a session's own secret. */
export const isSessionSecret = (bearer: Secret): boolean => bearer.open().startsWith(SESSION_SECRET_START);

/** The same where only looking and ending is meant: no smaller limit of another plan may end tokens by the way. */
export const withoutLimit = ({ session, rules }: DeskSession): DeskSession => ({
  session,
  rules: { ...rules, limit: MOST_VIEWERS },
});

export function viewerAccess({ rules, sign }: ViewerAccessPorts): ViewerAccess {
  const grantOf = ({ session, plan = DEFAULT_PLAN, limit }: NamedSession): SessionGrant => ({
    ...{ session, plan },
    limit: limit ?? null,
  });
  const signed = (grant: SessionGrant): string => {
    if (sign === null) throw notConfigured("session secrets");
    return sign(signedGrant(grant));
  };
  const isSigned = (grant: SessionGrant, signature: string): boolean => {
    if (sign === null) throw notConfigured("session secrets");
    return sign(signature) === sign(signed(grant)); // of signatures of signatures, time tells nothing
  };
  return {
    admit(named, sessionSecret) {
      const asked = grantOf(named);
      if (sessionSecret === null) return { session: named.session, rules: rulesOf(rules, asked.plan, asked.limit) };
      const read = readSessionSecret(sessionSecret.open(), named.session);
      if (read === null || !isSigned(read.grant, read.signature))
        throw new RigError("INVALID_CREDENTIALS", "the session secret is not valid for this session");
      const { plan, limit } = read.grant;
      if (named.plan !== undefined && named.plan !== plan)
        throw new RigError("FORBIDDEN", `plan ${named.plan} is not the one of this session secret`);
      return { session: named.session, rules: rulesOf(rules, plan, lower(limit, named.limit)) };
    },
    newSecret(named) {
      const grant = grantOf(named);
      const { limit } = rulesOf(rules, grant.plan, grant.limit);
      return { secret: sessionSecretText(grant, signed(grant)), plan: grant.plan, limit };
    },
  };
}

const lower = (limit: number | null, other: number | undefined): number | null =>
  other === undefined ? limit : Math.min(limit ?? other, other);

/** What needs TOKEN_SECRET is refused where it is not set. */
export const notConfigured = (what: string): RigError =>
  new RigError("NOT_CONFIGURED", `${what} need the setting tokenSecret (TOKEN_SECRET), which is not set here`);
