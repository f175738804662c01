import type { ViewerAnswer, ViewerOperation } from "../../src/domain/viewer-operation.ts";
import { decideViewer } from "../../src/domain/viewer-rule.ts";
import { NO_VIEWERS, type ViewerSession } from "../../src/domain/viewer-session.ts";
import type { ViewerSessionName, ViewerSessionStore } from "../../src/services/viewer-session-store.ts";

/** Viewer sessions in memory, by the rule itself. */
export interface MemoryViewers extends ViewerSessionStore {
  readonly sessions: Map<string, ViewerSession>;
  /** All that was asked, in order. */
  readonly asked: { readonly session: ViewerSessionName; readonly operation: ViewerOperation }[];
}

/** An empty store whose tokens expire by this clock. */
export function memoryViewers(clock: { now(): number }): MemoryViewers {
  const sessions = new Map<string, ViewerSession>();
  const asked: MemoryViewers["asked"] = [];
  return {
    sessions,
    asked,
    async apply(session, operation): Promise<ViewerAnswer> {
      asked.push({ session, operation });
      const decision = decideViewer(sessions.get(session.key) ?? NO_VIEWERS, operation, clock.now());
      sessions.set(session.key, decision.session);
      return decision.answer;
    },
  };
}
