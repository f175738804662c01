import type { EndedBy, EndedViewer, ViewerDetails, ViewerToken } from "./viewer-session.ts";

/** What a create does where there is no room: `evict-named` ends the one that the create names, and rejects where it names none. */
export type FullPolicy = "reject" | "evict-oldest" | "evict-named";

/** What holds for one class of sessions. */
export interface ViewerRules {
  /** Most live tokens of one session, 1 or more. */
  readonly limit: number;
  /** Life of a token after its last renewal. */
  readonly expiryMs: number;
  /** Most live tokens with one device, or one content, where they name it, 1 or more; null: as many as the limit lets in. */
  readonly perDevice: number | null;
  readonly perContent: number | null;
  readonly policy: FullPolicy;
}

/** One token of a session: by its own hash, or by its public id. */
export type WhichToken = { readonly tokenHash: string } | { readonly publicId: string };

/**
 * What is asked of one session. Each may be done twice without harm, so that one whose answer was lost can be asked again:
 * a create of a token that lives gives that token, a stop of one that was stopped is a stop.
 */
export type ViewerOperation = { readonly rules: ViewerRules } & (
  | {
      readonly do: "create";
      readonly tokenHash: string;
      readonly details: ViewerDetails;
      /** Public id of the token to end where there is no room, for the policy `evict-named`. */
      readonly evict: string | null;
    }
  | { readonly do: "refresh"; readonly tokenHash: string }
  | { readonly do: "stop"; readonly which: WhichToken }
  | { readonly do: "evict"; readonly publicId: string; readonly by: EndedBy; readonly note: string | null }
  | { readonly do: "list" }
);

/** Which of the limits is reached. */
export type FullOf = "session" | "device" | "content";

/** How a session stands after an operation. */
export interface ViewerStanding {
  /** The instant of the decision, by the clock that counts: the store's own, or the server's. */
  readonly at: number;
  readonly limit: number;
  /** The tokens that live. */
  readonly active: readonly ViewerToken[];
}

/** `token expired` is said of any token that does not live and is not known to have been ended. */
export type ViewerAnswer = ViewerStanding &
  (
    | {
        readonly answer: "issued";
        readonly token: ViewerToken;
        /** It lived already: the create was asked again. */
        readonly isRepeat: boolean;
        /** Those that made room for it. */
        readonly evicted: readonly ViewerToken[];
      }
    | { readonly answer: "renewed"; readonly token: ViewerToken }
    | { readonly answer: "ended" | "token ended"; readonly ended: EndedViewer }
    | { readonly answer: "listed" | "token expired" }
    | {
        readonly answer: "limit reached";
        readonly fullOf: FullOf;
        /** When room comes by itself, if nobody renews. */
        readonly freeAt: number;
      }
  );
