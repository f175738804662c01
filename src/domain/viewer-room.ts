import type { FullOf, ViewerOperation } from "./viewer-operation.ts";
import { publicIdOf, type ViewerToken } from "./viewer-session.ts";

type Create = Extract<ViewerOperation, { readonly do: "create" }>;

/** Room for one more token: what is left of the others, or which limit is reached and when it will be no more. */
export type Room =
  | { readonly fullOf: null; readonly left: readonly ViewerToken[]; readonly evicted: readonly ViewerToken[] }
  | { readonly fullOf: FullOf; readonly freeAt: number };

/** Whether a create finds room among the live tokens of its session, and who must go for it. */
export function makeRoom(tokens: readonly ViewerToken[], create: Create): Room {
  const reached = reachedLimit(tokens, create);
  if (reached === null) return { fullOf: null, left: tokens, evicted: [] };
  const evicted = evictions(tokens, create);
  const left = tokens.filter((token) => !evicted.includes(token));
  if (reachedLimit(left, create) === null) return { fullOf: null, left, evicted };
  return { fullOf: reached.fullOf, freeAt: freeAt(reached) };
}

function evictions(tokens: readonly ViewerToken[], create: Create): readonly ViewerToken[] {
  const { policy } = create.rules;
  if (policy === "evict-named") return tokens.filter((token) => publicIdOf(token) === create.evict);
  const evicted: ViewerToken[] = [];
  if (policy === "reject") return evicted;
  for (let left = tokens; ; ) {
    const reached = reachedLimit(left, create);
    const oldest = reached?.among.toSorted((a, b) => a.createdAt - b.createdAt)[0];
    if (!oldest) return evicted;
    evicted.push(oldest);
    left = left.filter((token) => token !== oldest);
  }
}

interface Reached {
  readonly fullOf: FullOf;
  /** The tokens that count towards it, as many as it lets in or more. */
  readonly among: readonly ViewerToken[];
  readonly limit: number;
}

/** The narrowest limit that leaves no room. */
function reachedLimit(tokens: readonly ViewerToken[], { rules, details }: Create): Reached | null {
  const { limit, perDevice, perContent } = rules;
  for (const [fullOf, most] of [
    ["device", perDevice],
    ["content", perContent],
  ] as const) {
    if (most === null || details[fullOf] === null) continue;
    const among = tokens.filter((token) => token.details[fullOf] === details[fullOf]);
    if (among.length >= most) return { fullOf, among, limit: most };
  }
  return tokens.length >= limit ? { fullOf: "session", among: tokens, limit } : null;
}

/** When so many have expired that one more finds room. */
function freeAt({ among, limit }: Reached): number {
  const expiries = among.map(({ expiresAt }) => expiresAt).sort((a, b) => a - b);
  return expiries[among.length - limit] as number; // a limit is 1 or more
}
