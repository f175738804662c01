/** One viewer token as its session keeps it: never the token itself, only its hash. */
export interface ViewerToken {
  readonly tokenHash: string;
  /** Ms since the epoch; the token is dead from this instant on. */
  readonly expiresAt: number;
  readonly createdAt: number;
}

/** The tokens of one viewer session; never more than the limit, whatever the clocks say. */
export type ViewerSession = readonly ViewerToken[];

/** What a viewer asks for: to renew the token it shows, or a new one, whose hash is `newTokenHash`. */
export interface ViewerRequest {
  readonly tokenHash: string | null;
  readonly newTokenHash: string;
}

export interface ViewerRules {
  /** Most live tokens of one session, 1 or more. */
  readonly limit: number;
  /** Life of a token after its last renewal. */
  readonly expiryMs: number;
}

export type ViewerAnswer = "issued" | "renewed" | "token expired" | "limit reached";

/** The session after the request. The same array where nothing is to be written. */
export interface ViewerDecision {
  readonly session: ViewerSession;
  readonly answer: ViewerAnswer;
}

/** Decides on one request: is the token known, then renew it (at the limit too); is the limit reached, then issue. */
export function decideViewer(
  session: ViewerSession,
  { tokenHash, newTokenHash }: ViewerRequest,
  now: number,
  { limit, expiryMs }: ViewerRules,
): ViewerDecision {
  const live = liveTokens(session, now, limit);
  const expiresAt = now + expiryMs;
  if (tokenHash !== null) {
    const known = live.find((token) => token.tokenHash === tokenHash);
    if (!known) return { session, answer: "token expired" };
    const others = live.filter((token) => token !== known);
    return { session: [...others, { ...known, expiresAt }], answer: "renewed" };
  }
  if (live.length >= limit) return { session, answer: "limit reached" };
  return { session: [...live, { tokenHash: newTokenHash, expiresAt, createdAt: now }], answer: "issued" };
}

/** Those that still live; of more than the limit (it was lowered) the ones that would live longest. */
export function liveTokens(session: ViewerSession, now: number, limit: number): ViewerSession {
  const live = session.filter(({ expiresAt }) => expiresAt > now);
  return live.length <= limit ? live : live.toSorted((a, b) => b.expiresAt - a.expiresAt).slice(0, limit);
}
