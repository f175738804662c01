import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import { invalidInput, RigError } from "../domain/errors.ts";
import { type ViewerActivity, viewerActivity } from "../domain/viewer-activity.ts";
import { MAX_VIEWER_TEXT, viewerText } from "../domain/viewer-details.ts";
import type { ViewerOperation } from "../domain/viewer-operation.ts";
import { MOST_VIEWERS } from "../domain/viewer-plan.ts";
import { enterAudit } from "./enter-audit.ts";
import type { BoardSession, ViewerBoard } from "./viewer-board.ts";
import { type Sha256, viewerSessionName } from "./viewer-names.ts";
import type { ViewerServers } from "./viewer-servers.ts";
import type { ViewerSessionName, ViewerSessionStore } from "./viewer-session-store.ts";

/** A session by its name as the viewer sends it, or by its key. */
export type WhichSession = { readonly name: string } | { readonly key: string };

/** Which sessions to list; null and false for whatever they are. */
export interface SessionChoice {
  /** A part of the name, in whatever case. */
  readonly name: string | null;
  /** Those of which a live token has this device, or content. */
  readonly device: string | null;
  readonly content: string | null;
  /** Those that have as many live tokens as their limit lets in. */
  readonly full: boolean;
  readonly limit: number;
}

/** A session as it was at `at`. */
export interface SessionStatus extends BoardSession {
  readonly at: number;
}

/** How an operator ends a token: as its viewer would, or so that its viewer hears who did it and why. */
export type HowToEnd = { readonly do: "stop" } | { readonly do: "evict"; readonly note: string | null };

/** What operators see of viewer sessions and do to them; each change leaves an audit entry. */
export interface ViewerAdmin {
  /** Those with a live token, those with the most first. `isAll` is false where there are more than were asked for. */
  list(choice: SessionChoice): Promise<{ readonly sessions: readonly SessionStatus[]; readonly isAll: boolean }>;
  /** @throws RigError VIEWER_TOKEN_NOT_FOUND where none of its tokens lives or ended of late, INVALID_INPUT */
  show(which: WhichSession): Promise<SessionStatus>;
  /** False where no such token lives, be it that it expired or that somebody else ended it. Safe to repeat. @throws RigError INVALID_INPUT */
  end(session: ViewerSessionName, publicId: string, how: HowToEnd, actor: Actor): Promise<boolean>;
  /** What is asked of the servers, of late. */
  activity(): Promise<ViewerActivity>;
}

interface ViewerAdminPorts {
  readonly store: ViewerSessionStore;
  readonly board: ViewerBoard;
  readonly servers: ViewerServers;
  readonly hash: Sha256;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly clock: Pick<Clock, "now">;
}

// An operator's order is no request of the session's plan, and must not shorten it to another's.
const RULES = { limit: MOST_VIEWERS, expiryMs: 0, perDevice: null, perContent: null, policy: "reject" } as const;

/** The use cases on viewer sessions over their ports. The change comes first and its entry after it, as with tasks. */
export function viewerAdmin({ store, board, servers, hash, ...audit }: ViewerAdminPorts): ViewerAdmin {
  const enter = enterAudit(audit);
  return {
    list: (choice) => listSessions(board, choice),
    async show(which) {
      for (const key of keysOf(which, hash)) {
        const session = await board.show(key);
        if (session) return session;
      }
      throw new RigError("VIEWER_TOKEN_NOT_FOUND", `no token of ${wordsFor(which)} lives`);
    },
    async end(session, publicId, how, actor) {
      const { answer } = await store.apply(session, operationOf(publicId, how, actor));
      if (answer !== "ended") return false;
      const { note } = how.do === "evict" ? how : { note: null };
      // By its key: the name lets whoever knows it watch, and the trail is kept for good.
      await enter(actor, `token.${how.do}`, publicId, { session: session.key, note });
      return true;
    },
    activity: async () => viewerActivity(await servers.list()),
  };
}

async function listSessions(board: ViewerBoard, choice: SessionChoice) {
  const found = new Map<string, SessionStatus>();
  let next: string | null = null;
  do {
    const page = await board.page(next);
    for (const session of page.sessions)
      if (isChosen(session, choice)) found.set(session.key, { ...session, at: page.at });
    next = page.next;
  } while (next !== null && found.size <= choice.limit);
  const sessions = [...found.values()].slice(0, choice.limit);
  sessions.sort((a, b) => b.tokens.length - a.tokens.length || compare(a.name ?? a.key, b.name ?? b.key));
  return { sessions, isAll: found.size <= choice.limit };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function isChosen({ name, tokens, limit = Number.POSITIVE_INFINITY }: BoardSession, choice: SessionChoice): boolean {
  if (choice.full && tokens.length < limit) return false;
  if (choice.name !== null && !isNamed(name, choice.name.toLowerCase())) return false;
  return (["device", "content"] as const).every(
    (field) => choice[field] === null || tokens.some(({ details }) => details[field] === choice[field]),
  );
}

/** Also where the name stands as the bytes of a header, see `keysOf`. */
const isNamed = (name: string | null, part: string): boolean =>
  name !== null && [name, textOfLatin1(name)].some((each) => each.toLowerCase().includes(part));

const KEY = /^[0-9a-f]{64}$/;

/** Where the session may stand. A name in a header is its bytes, which HTTP takes for Latin-1: `é` comes as `Ã©`. */
function keysOf(which: WhichSession, hash: Sha256): readonly string[] {
  if ("key" in which) {
    if (!KEY.test(which.key)) throw invalidInput("key", `must be 64 hex digits, got ${JSON.stringify(which.key)}`);
    return [which.key];
  }
  if (which.name === "") throw invalidInput("session", "must not be empty");
  const inHeader = latin1OfBytes(which.name);
  return [...new Set([which.name, inHeader])].map((name) => viewerSessionName(name, hash).key);
}

const latin1OfBytes = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");

/** The opposite; a name that is no such bytes as it is. */
function textOfLatin1(name: string): string {
  if (!/[\x80-\xff]/.test(name) || /[\u0100-\uffff]/.test(name)) return name;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(name, (each) => each.charCodeAt(0)));
  } catch {
    return name;
  }
}

const SHOWN_CHARACTERS = 64;

function wordsFor(which: WhichSession): string {
  if ("key" in which) return `the session with the key ${which.key}`;
  const { name } = which;
  return `session ${JSON.stringify(name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name)}`;
}

function operationOf(publicId: string, how: HowToEnd, actor: Actor): ViewerOperation {
  if (how.do === "stop") return { do: "stop", rules: RULES, which: { publicId } };
  const label = actor.id.slice(0, MAX_VIEWER_TEXT);
  const by = { publicId: null, device: null, label: viewerText("by", label), address: null };
  return { do: "evict", rules: RULES, publicId, by, note: viewerText("note", how.note) };
}
