import type { ViewerRules } from "../domain/viewer-operation.ts";
import { NO_DETAILS } from "../domain/viewer-session.ts";
import { type Sha256, viewerSessionName, viewerTokenHash } from "./viewer-names.ts";
import type { ViewerSessionStore } from "./viewer-session-store.ts";

/** What a viewer's request came to; `token` is there where it was issued or renewed. */
export type ViewerAdmission =
  | { readonly answer: "issued" | "renewed"; readonly token: string }
  | { readonly answer: "no session" | "token expired" | "limit reached" };

/** The stream service as its first version had it. */
export interface ViewerTokens {
  /** The limit holds under any concurrency and any number of servers. @throws RigError where the store fails */
  admit(session: string, token: string | null): Promise<ViewerAdmission>;
}

interface ViewerTokensPorts {
  readonly store: ViewerSessionStore;
  readonly hash: Sha256;
  /** A new uuid v4. */
  readonly newToken: () => string;
  readonly limit: number;
  readonly expirySeconds: number;
  /** Told of each request that names no session: no store hears of it. */
  readonly onNoSession?: () => void;
}

/** Admits viewers: is there a session, is the token known, then it is renewed; is there room, then one is issued. */
export function viewerTokens({ store, hash, newToken, ...options }: ViewerTokensPorts): ViewerTokens {
  const { limit, expirySeconds, onNoSession } = options;
  const rules: ViewerRules = {
    limit,
    expiryMs: expirySeconds * 1000,
    perDevice: null,
    perContent: null,
    policy: "reject",
  };
  return {
    async admit(session, token) {
      if (session === "") {
        onNoSession?.();
        return { answer: "no session" };
      }
      const name = viewerSessionName(session, hash);
      if (token !== null) {
        const tokenHash = viewerTokenHash(token, hash);
        const { answer } = await store.apply(name, { do: "refresh", rules, tokenHash });
        return answer === "renewed" ? { answer, token } : { answer: "token expired" };
      }
      const fresh = newToken();
      const tokenHash = viewerTokenHash(fresh, hash);
      const create = { do: "create", rules, tokenHash, details: NO_DETAILS, evict: null } as const;
      const { answer } = await store.apply(name, create);
      return answer === "issued" ? { answer, token: fresh } : { answer: "limit reached" };
    },
  };
}
