import { type BusySession, noViewerCounts, type ViewerCounts, type ViewerEvent } from "../domain/viewer-activity.ts";
import type { ViewerAnswer, ViewerOperation } from "../domain/viewer-operation.ts";
import { BusiestSessions } from "./busiest-sessions.ts";
import type { LiveViewers } from "./live-viewers.ts";
import type { ViewerSessionName, ViewerSessionStore } from "./viewer-session-store.ts";

/** What this process answered to viewers since it began, and for whom of late. */
export class ViewerCounters {
  readonly #counts = noViewerCounts();
  readonly #busiest = new BusiestSessions();

  count(session: ViewerSessionName, asked: ViewerOperation["do"], answer: ViewerAnswer): void {
    const event = eventOf(asked, answer);
    if (event !== null) this.#counts[event] += 1;
    if (answer.answer === "issued") this.#counts.evicted += answer.evicted.length;
    this.#busiest.count(session, isRefusal(asked, answer), answer);
  }

  /** A viewer named no session. */
  namedNone(): void {
    this.#counts.noSession += 1;
  }

  /** The store threw. */
  failed(session: ViewerSessionName): void {
    this.#counts.failed += 1;
    this.#busiest.count(session, false, null);
  }

  /** Never goes down. */
  snapshot(): ViewerCounts {
    return { ...this.#counts };
  }

  /** The sessions most asked for since this was last called, the busiest first. */
  takeBusiest(most: number): BusySession[] {
    const top = this.#busiest.top(most);
    this.#busiest.clear();
    return top;
  }
}

/** The same store, with each answer counted, and what lives by it. */
export const countedViewers = (
  store: ViewerSessionStore,
  counters: ViewerCounters,
  live: LiveViewers | null = null,
): ViewerSessionStore => ({
  async apply(session, operation) {
    let answer: ViewerAnswer;
    try {
      answer = await store.apply(session, operation);
    } catch (error) {
      counters.failed(session);
      throw error;
    }
    counters.count(session, operation.do, answer);
    live?.see(session, answer);
    return answer;
  },
});

const FULL = { session: "sessionFull", device: "deviceFull", content: "contentFull" } as const;

/** Whether a viewer wanted to watch and was told no. */
const isRefusal = (asked: ViewerOperation["do"], { answer }: ViewerAnswer): boolean =>
  (asked === "create" || asked === "refresh") && answer !== "issued" && answer !== "renewed";

/** Null for what changed nothing for a viewer: a list, a stop of a token that is gone. */
function eventOf(asked: ViewerOperation["do"], answer: ViewerAnswer): ViewerEvent | null {
  switch (answer.answer) {
    case "issued":
      return answer.isRepeat ? "repeated" : "issued";
    case "renewed":
      return "renewed";
    case "ended":
      return asked === "evict" ? "evicted" : "stopped";
    case "limit reached":
      return FULL[answer.fullOf];
    case "token expired":
      return isRefusal(asked, answer) ? "expired" : null;
    case "token ended":
      return isRefusal(asked, answer) ? "ended" : null;
    case "listed":
      return null;
  }
}
