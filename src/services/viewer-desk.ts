import type { Actor } from "../domain/audit.ts";
import { invalidInput } from "../domain/errors.ts";
import { viewerDetails, viewerText } from "../domain/viewer-details.ts";
import type { ViewerAnswer, ViewerOperation, ViewerRules } from "../domain/viewer-operation.ts";
import { type EndedBy, publicIdOf, type ViewerDetails } from "../domain/viewer-session.ts";
import type { enterAudit } from "./enter-audit.ts";
import { type Sha256, viewerSessionName, viewerTokenHash } from "./viewer-names.ts";
import type { ViewerSessionStore } from "./viewer-session-store.ts";

/** A session, and what holds for its class. */
export interface DeskSession {
  readonly session: string;
  readonly rules: ViewerRules;
}

/** What a viewer's app asks for. */
export interface WantedToken {
  readonly details?: Partial<ViewerDetails>;
  /** Public id of the token to end where there is no room. */
  readonly evict?: string | null;
  /** Asked twice with the same one, the same token is given. */
  readonly idempotencyKey?: string | null;
}

/** By the token itself, which its viewer has, or by its public id. */
export type DeskToken = { readonly token: string } | { readonly publicId: string };

/**
 * All that can be done with viewer tokens. Each answers as domain/viewer-operation.ts has it. What an operator ends is
 * entered in the audit trail; what a viewer ends itself is not.
 * @throws RigError INVALID_INPUT, or where the store or the trail fails
 */
export interface ViewerDesk {
  /** `token` is null where none was issued. */
  create(
    at: DeskSession,
    wanted: WantedToken,
  ): Promise<{ readonly answer: ViewerAnswer; readonly token: string | null }>;
  refresh(at: DeskSession, token: string): Promise<ViewerAnswer>;
  stop(at: DeskSession, which: DeskToken, actor: Actor): Promise<ViewerAnswer>;
  /** The viewer hears the note, and the actor's id. */
  evict(at: DeskSession, publicId: string, note: string | null, actor: Actor): Promise<ViewerAnswer>;
  list(at: DeskSession): Promise<ViewerAnswer>;
}

interface ViewerDeskPorts {
  readonly store: ViewerSessionStore;
  readonly hash: Sha256;
  /** A new uuid v4. */
  readonly newToken: () => string;
  /** A token in the shape of a uuid v4, the same at every server for the same session and key, that nobody else can guess. */
  readonly tokenOf: (session: string, idempotencyKey: string) => string;
  readonly enter: ReturnType<typeof enterAudit>;
}

const MOST_KEY_CHARACTERS = 255;

/** The desk over a store of sessions. */
export function viewerDesk({ store, hash, newToken, tokenOf, enter }: ViewerDeskPorts): ViewerDesk {
  const named = ({ session }: DeskSession) => {
    if (session === "") throw invalidInput("session", "must not be empty");
    return viewerSessionName(session, hash);
  };
  const hashOf = (token: string) => viewerTokenHash(token, hash);
  /** Ends a token, and enters it where an operator did. */
  const end = async (at: DeskSession, operation: Ending, actor: Actor) => {
    const session = named(at);
    const answer = await store.apply(session, operation);
    const { do: how } = operation;
    // By its key: the name lets whoever knows it watch, and the trail and the log are kept.
    const detail = { session: session.key, note: how === "evict" ? operation.note : null };
    if (answer.answer === "ended" && actor.kind === "operator")
      await enter(actor, `token.${how}`, publicIdOf(answer.ended), detail);
    return answer;
  };
  return {
    async create(at, { details = {}, evict = null, idempotencyKey = null }) {
      if (idempotencyKey !== null) checkKey(idempotencyKey);
      const session = named(at);
      const token = idempotencyKey === null ? newToken() : tokenOf(at.session, idempotencyKey);
      const create = {
        do: "create",
        rules: at.rules,
        tokenHash: hashOf(token),
        details: viewerDetails(details),
        evict,
      } as const;
      const answer = await store.apply(session, create);
      return { answer, token: answer.answer === "issued" ? token : null };
    },
    refresh: async (at, token) => store.apply(named(at), { do: "refresh", rules: at.rules, tokenHash: hashOf(token) }),
    stop: async (at, which, actor) => {
      const tokenOrId = "token" in which ? { tokenHash: hashOf(which.token) } : which;
      return end(at, { do: "stop", rules: at.rules, which: tokenOrId }, actor);
    },
    evict: async (at, publicId, said, actor) => {
      const [note, by] = [viewerText("note", said), operator(actor.id)];
      return end(at, { do: "evict", rules: at.rules, publicId, note, by }, actor);
    },
    list: async (at) => store.apply(named(at), { do: "list", rules: at.rules }),
  };
}

type Ending = Extract<ViewerOperation, { readonly do: "stop" | "evict" }>;

const operator = (name: string): EndedBy => ({
  ...{ publicId: null, device: null, address: null },
  label: viewerText("by", name),
});

function checkKey(key: string): void {
  if (key === "" || key.length > MOST_KEY_CHARACTERS)
    throw invalidInput("idempotencyKey", `must have 1 to ${MOST_KEY_CHARACTERS} characters, got ${key.length}`);
}
