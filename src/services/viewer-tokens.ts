import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import { decideViewer, type ViewerAnswer, type ViewerRequest, type ViewerSession } from "../domain/viewer-session.ts";

/** Where viewer sessions are kept, one value a session; etcd or Redis. */
export interface ViewerSessionStore {
  /** The present value, read through; `version` is that of an absent one where value is null. */
  read(key: string): Promise<{ value: string | null; version: string }>;
  /** Writes only if the value still has that version; false where it has not. */
  replace(key: string, version: string, value: string): Promise<boolean>;
}

/** What a viewer's request came to; `token` is there where it was issued or renewed. */
export type ViewerAdmission =
  | { readonly answer: "issued" | "renewed"; readonly token: string }
  | { readonly answer: "no session" | "token expired" | "limit reached" };

/** The stream service's use case. */
export interface ViewerTokens {
  /** The limit holds under any concurrency and any number of servers. @throws RigError where the store fails */
  admit(session: string, token: string | null): Promise<ViewerAdmission>;
}

interface ViewerTokensPorts {
  readonly store: ViewerSessionStore;
  readonly clock: Pick<Clock, "now">;
  /** SHA-256, hex. */
  readonly hash: (text: string) => string;
  /** A new uuid v4. */
  readonly newToken: () => string;
  readonly limit: number;
  readonly expirySeconds: number;
}

const MAX_TRIES = 100; // only other servers can win against us: requests of this process wait for each other
const MAX_NAME_BYTES = 256;

interface StoredSession {
  /** For `rig tokens`: the session's name, or its hash where it is long. */
  readonly session: string;
  readonly tokens: ViewerSession;
}

/** Admits viewers: the pure rule, in a read and compare-and-put loop. The session's name is data: only its hash is in the key. */
export function viewerTokens(ports: ViewerTokensPorts): ViewerTokens {
  const { hash, newToken } = ports;
  const inTurn = turns();
  return {
    async admit(session, token) {
      if (session === "") return { answer: "no session" };
      const key = hash(session);
      const fresh = newToken();
      const request = { tokenHash: token === null ? null : hash(token), newTokenHash: hash(fresh) };
      const answer = await inTurn(key, () => update(ports, { session, key, request }));
      if (answer === "issued") return { answer, token: fresh };
      if (answer === "renewed") return { answer, token: token ?? fresh };
      return { answer };
    },
  };
}

interface SessionUpdate {
  readonly session: string;
  readonly key: string;
  readonly request: ViewerRequest;
}

async function update(
  { store, clock, limit, expirySeconds }: ViewerTokensPorts,
  { session, key, request }: SessionUpdate,
): Promise<ViewerAnswer> {
  const rules = { limit, expiryMs: expirySeconds * 1000 };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { value, version } = await store.read(key);
    const before = value === null ? [] : (JSON.parse(value) as StoredSession).tokens;
    const after = decideViewer(before, request, clock.now(), rules);
    if (after.session === before) return after.answer; // a refusal writes nothing
    const name = session.length <= MAX_NAME_BYTES ? session : key;
    const stored: StoredSession = { session: name, tokens: after.session };
    if (await store.replace(key, version, JSON.stringify(stored))) return after.answer;
  }
  throw new RigError("OVERLOADED", "the viewer session is changed too often at the same time");
}

/** Work on one key runs one after the other; different keys side by side. */
function turns() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work); // whoever was before and failed has told its own caller
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
