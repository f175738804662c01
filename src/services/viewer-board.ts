import type { ViewerSession } from "../domain/viewer-session.ts";
import type { ViewerSessionName } from "./viewer-session-store.ts";

/** A session as an operator sees it: what lives, and what ended lately. */
export interface BoardSession extends ViewerSessionName, ViewerSession {}

/** What a page lists; the others have come to an end. */
export const hasLiveToken = ({ tokens }: BoardSession): boolean => tokens.length > 0;

/** What there is to show of one. */
export const isKnown = ({ tokens, ended }: BoardSession): boolean => tokens.length > 0 || ended.length > 0;

export interface BoardPage {
  /** Those with a live token; none does not mean that there are no more. */
  readonly sessions: readonly BoardSession[];
  /** The instant by the clock that counts for the store. */
  readonly at: number;
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

/** All viewer sessions, for operators: it reads the store from one end to the other, and no request waits for it. */
export interface ViewerBoard {
  /**
   * One page, in the store's own order; `from` is null for the first. A session that is there all the while comes, in some
   * stores more than once (see its `key`); one that comes or goes meanwhile may.
   * @throws RigError ETCD_UNREACHABLE, REDIS_UNREACHABLE
   */
  page(from: string | null): Promise<BoardPage>;
  /**
   * One session by its key (services/viewer-names.ts makes it of a name); null where no
   * token of it lives or ended of late. @throws RigError as `page`
   */
  show(key: string): Promise<(BoardSession & Pick<BoardPage, "at">) | null>;
}
