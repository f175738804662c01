/** What a session's own secret stands for: this session alone, with the rules that its operator chose. */
export interface SessionGrant {
  readonly session: string;
  readonly plan: string;
  /** Fewer tokens than the plan's; null for as many. */
  readonly limit: number | null;
  /** Whose quota counts too, by the id; null for nobody's. */
  readonly user: string | null;
}

/** What every session secret begins with. */
export const SESSION_SECRET_START = "rvs1:";

/** What is signed: no two grants are the same text. */
export const signedGrant = ({ session, plan, limit, user }: SessionGrant): string =>
  JSON.stringify(["viewer session secret", session, plan, limit, user]);

/** A secret's text: `rvs1:<plan>:<limit>:<user id>:<signature>`. */
export const sessionSecretText = ({ plan, limit, user }: SessionGrant, signature: string): string =>
  `${SESSION_SECRET_START}${plan}:${limit ?? ""}:${user ?? ""}:${signature}`;

const FORM = /^rvs1:([A-Za-z0-9._-]{1,64}):([1-9]\d{0,3})?:([A-Za-z0-9._-]{1,64})?:([A-Za-z0-9_-]{43})$/;

/** What a text says that it grants, if it is signed so; null for one that is no session secret. */
export function readSessionSecret(
  text: string,
  session: string,
): { readonly grant: SessionGrant; readonly signature: string } | null {
  const [, plan, limit, user = null, signature] = FORM.exec(text) ?? [];
  if (plan === undefined || signature === undefined) return null;
  return { grant: { session, plan, limit: limit === undefined ? null : Number(limit), user }, signature };
}
