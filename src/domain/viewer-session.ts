/** What a viewer's app says of itself; each at most 64 characters, null where it says nothing. */
export interface ViewerDetails {
  readonly device: string | null;
  readonly content: string | null;
  readonly label: string | null;
  readonly address: string | null;
}

/** One viewer token as its session keeps it: never the token itself, only its hash. */
export interface ViewerToken {
  /** First half of the token's SHA-256, 32 hex digits. */
  readonly tokenHash: string;
  readonly createdAt: number;
  /** Ms since the epoch; the token is dead from this instant on. */
  readonly expiresAt: number;
  readonly details: ViewerDetails;
}

/** Why a token ended before its time. `oldest` and `named`: it made room for another. */
export type EndCause = "stopped" | "oldest" | "named" | "operator";

/** Who ended a token: the viewer that took its place, or an operator, who has no public id. */
export interface EndedBy extends Omit<ViewerDetails, "content"> {
  readonly publicId: string | null;
}

/** What is left of a token that was stopped or evicted, so that its viewer learns why. Counts as no token. */
export interface EndedViewer {
  readonly tokenHash: string;
  readonly endedAt: number;
  /** When the token would have died: nobody asks for it any more. */
  readonly forgetAt: number;
  readonly cause: EndCause;
  /** In an operator's words; at most 64 characters. */
  readonly note: string | null;
  /** Null for one that its own viewer stopped. */
  readonly by: EndedBy | null;
}

/** One viewer session; never more tokens than its limit, whatever the clocks say. */
export interface ViewerSession {
  readonly tokens: readonly ViewerToken[];
  /** Oldest first, at most `MOST_ENDED`. */
  readonly ended: readonly EndedViewer[];
  /** What the last create or renewal that was written let in; for operators to see, and nothing is decided by it. */
  readonly limit?: number | undefined;
}

/** Of so many ended tokens a session knows why; of those before, only that they are dead. */
export const MOST_ENDED = 16;

const PUBLIC_ID_LENGTH = 16;

export const NO_VIEWERS: ViewerSession = { tokens: [], ended: [] };

export const NO_DETAILS: ViewerDetails = { device: null, content: null, label: null, address: null };

/** The name of a token for everybody's eyes: tells nothing of the token. */
export const publicIdOf = ({ tokenHash }: Pick<ViewerToken, "tokenHash">): string =>
  tokenHash.slice(0, PUBLIC_ID_LENGTH);

/**
 * The session without what is over; of more tokens than the limit (it was lowered) those that would live longest. The
 * same object where nothing is over.
 */
export function liveSession(session: ViewerSession, now: number, limit: number): ViewerSession {
  const tokens = atMost(
    withoutThe(session.tokens, ({ expiresAt }) => expiresAt <= now),
    limit,
  );
  const ended = withoutThe(session.ended, ({ forgetAt }) => forgetAt <= now);
  return tokens === session.tokens && ended === session.ended ? session : { tokens, ended, limit: session.limit };
}

const withoutThe = <T>(all: readonly T[], isOver: (each: T) => boolean): readonly T[] =>
  all.some(isOver) ? all.filter((each) => !isOver(each)) : all;

const atMost = (tokens: readonly ViewerToken[], limit: number): readonly ViewerToken[] =>
  tokens.length <= limit ? tokens : tokens.toSorted((a, b) => b.expiresAt - a.expiresAt).slice(0, limit);
