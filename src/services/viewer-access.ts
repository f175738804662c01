import { RigError } from "../domain/errors.ts";
import type { Secret } from "../domain/secret.ts";
import { lowest, rulesOf } from "../domain/session-rules.ts";
import {
  readSessionSecret,
  SESSION_SECRET_START,
  type SessionGrant,
  sessionSecretText,
  signedGrant,
} from "../domain/session-secret.ts";
import type { User } from "../domain/user.ts";
import type { ViewerRules } from "../domain/viewer-operation.ts";
import { DEFAULT_PLAN, MOST_VIEWERS } from "../domain/viewer-plan.ts";
import type { DeskSession } from "./viewer-desk.ts";
import type { ViewerUsers } from "./viewer-users.ts";

/** What a caller says of the session that is meant. */
export interface NamedSession {
  readonly session: string;
  readonly plan?: string | undefined;
  readonly limit?: number | undefined;
  /** Id or username. */
  readonly user?: string | undefined;
}

/**
 * Decides who may do something with a viewer session, and what holds for it: for an operator (null) what the call names,
 * else what the secret was made with. Each
 * @throws RigError INVALID_CREDENTIALS, FORBIDDEN, NOT_CONFIGURED, INVALID_INPUT for a plan that there is not, and where
 * a user is named USER_NOT_FOUND, or DATABASE_UNREACHABLE where the user is not known
 */
export interface ViewerAccess {
  /** The session with its rules, for a token that begins or goes on. @throws RigError USER_DISABLED */
  admit(named: NamedSession, sessionSecret: Secret | null): Promise<DeskSession>;
  /** The same for looking and ending, which a disabled user's viewers may still do. */
  look(named: NamedSession, sessionSecret: Secret | null): Promise<DeskSession>;
  /** A secret that lets its holder act for this session alone. @throws RigError USER_DISABLED */
  newSecret(named: NamedSession): Promise<NewSecret>;
}

interface NewSecret {
  readonly secret: string;
  readonly plan: string;
  readonly limit: number;
  /** The user's id. */
  readonly user: string | null;
}

interface ViewerAccessPorts {
  /** By plan. */
  readonly rules: ReadonlyMap<string, ViewerRules>;
  /** HMAC-SHA256 under TOKEN_SECRET, base64url; null where that is not set. */
  readonly sign: ((text: string) => string) | null;
  readonly users: ViewerUsers;
}

/** True for a bearer token that means to be a session's own secret. */
export const isSessionSecret = (bearer: Secret): boolean => bearer.open().startsWith(SESSION_SECRET_START);

/** The same where only looking and ending is meant: no smaller limit of another plan may end tokens by the way. */
export const withoutLimit = ({ session, rules }: DeskSession): DeskSession => ({
  session,
  rules: { ...rules, limit: MOST_VIEWERS },
});

export function viewerAccess({ rules, sign, users }: ViewerAccessPorts): ViewerAccess {
  const signed = (text: string): string => {
    if (sign === null) throw notConfigured("session secrets");
    return sign(text);
  };
  /** What the secret grants. */
  const grantedBy = (sessionSecret: Secret, session: string): SessionGrant => {
    const read = readSessionSecret(sessionSecret.open(), session);
    // Of signatures of signatures, time tells nothing.
    if (read === null || signed(read.signature) !== signed(signed(signedGrant(read.grant))))
      throw new RigError("INVALID_CREDENTIALS", "the session secret is not valid for this session");
    return read.grant;
  };
  const enter = async (named: NamedSession, sessionSecret: Secret | null) => {
    const granted = sessionSecret && grantedBy(sessionSecret, named.session);
    const { plan, limit, user: whose } = granted ?? asked(named);
    const user = whose === null ? null : await users.find(whose);
    if (granted) checkNamed(named, granted, user);
    const capped = rulesOf(rules, plan, lowest(limit, named.limit ?? null), user?.quota);
    return { user, session: { session: named.session, rules: capped } };
  };
  return {
    async admit(named, sessionSecret) {
      const { user, session } = await enter(named, sessionSecret);
      checkEnabled(user);
      return session;
    },
    look: async (named, sessionSecret) => (await enter(named, sessionSecret)).session,
    async newSecret(named) {
      const { user, session } = await enter(named, null);
      checkEnabled(user);
      const grant = { ...asked(named), user: user?.id ?? null };
      const secret = sessionSecretText(grant, signed(signedGrant(grant)));
      return { secret, plan: grant.plan, limit: session.rules.limit, user: grant.user };
    },
  };
}

/** What an operator names, by what it names. */
const asked = ({ session, plan = DEFAULT_PLAN, limit, user }: NamedSession): SessionGrant => ({
  session,
  plan,
  limit: limit ?? null,
  user: user ?? null,
});

/** Whoever holds a secret may name what it was made with, and nothing else. */
function checkNamed({ plan, user: whom }: NamedSession, granted: SessionGrant, user: User | null): void {
  if (plan !== undefined && plan !== granted.plan)
    throw new RigError("FORBIDDEN", `plan ${plan} is not the one of this session secret`);
  if (whom !== undefined && whom !== user?.id && whom !== user?.username)
    throw new RigError("FORBIDDEN", `user ${whom} is not the one of this session secret`);
}

function checkEnabled(user: User | null): void {
  if (user !== null && user.disabledAt !== null) throw new RigError("USER_DISABLED", "the user is disabled");
}

/** What needs TOKEN_SECRET is refused where it is not set. */
export const notConfigured = (what: string): RigError =>
  new RigError("NOT_CONFIGURED", `for ${what} the setting tokenSecret (TOKEN_SECRET) is needed, which is not set here`);
