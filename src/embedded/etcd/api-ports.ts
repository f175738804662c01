import type { HistoryKeeper } from "./duties/history-keeper.ts";
import type { Snapshots } from "./duties/snapshots.ts";
import type { Engine } from "./engine.ts";
import type { StoreLimits } from "./limits.ts";
import { headerOf, type Member } from "./wire/encode.ts";
import type { Wire } from "./wire/fields.ts";

/** What every answer is made from. */
export interface ApiPorts {
  readonly engine: Engine;
  readonly history: HistoryKeeper;
  readonly snapshots: Snapshots;
  readonly member: Member;
  readonly limits: StoreLimits;
  /** Where clients reach the store, as URLs; changes as listeners come and go. */
  readonly clientUrls: () => readonly string[];
}

/** One call with one answer. `request` and answer have proto-loader's shape. @throws StoreError */
export type Unary = (request: Wire) => Promise<Wire>;

/** The header of an answer that says no more than where the store is. */
export const headerNow = ({ member, engine }: Pick<ApiPorts, "member" | "engine">): Wire =>
  headerOf(member, engine.hub.durableRevision);
