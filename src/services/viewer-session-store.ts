import type { ViewerAnswer, ViewerOperation } from "../domain/viewer-operation.ts";

/** Which viewer session is meant. Its name is data: no store looks into it. */
export interface ViewerSessionName {
  /** SHA-256 of the name, 64 hex digits. */
  readonly key: string;
  /** For operators to read; null where it is long. */
  readonly name: string | null;
}

/**
 * Where viewer sessions live: etcd, the embedded store, or Redis. Decides by the rule of domain/viewer-rule.ts, with the
 * clock that counts for it, one operation on a session after the other, however many servers ask.
 */
export interface ViewerSessionStore {
  /**
   * Does what is asked; what it answers is durable in the store's own sense, refusals included: none is from a stale cache.
   * Answers within 2 s.
   * @throws RigError OVERLOADED, ETCD_UNREACHABLE, ETCD_AMBIGUOUS: nothing was granted, though a slot may be taken until it expires
   */
  apply(session: ViewerSessionName, operation: ViewerOperation): Promise<ViewerAnswer>;
}
