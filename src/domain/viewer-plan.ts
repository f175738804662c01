import type { FullPolicy, ViewerRules } from "./viewer-operation.ts";

/** What holds for one class of viewer sessions; what is left out is as the default has it. */
export interface ViewerPlan {
  readonly limit?: number;
  readonly expirySeconds?: number;
  readonly perDevice?: number | null;
  readonly perContent?: number | null;
  readonly policy?: FullPolicy;
}

/** The plans beside the default one, by name. */
export type ViewerPlans = Readonly<Record<string, ViewerPlan>>;

/** The plan of a session of which nothing else is said: the one of the first version's interface. */
export const DEFAULT_PLAN = "default";

export const FULL_POLICIES: readonly FullPolicy[] = ["reject", "evict-oldest", "evict-named"];

/** Highest limit of any plan. */
export const MOST_VIEWERS = 1_000;

/** Longest life of any plan's tokens. */
export const LONGEST_EXPIRY_SECONDS = 86_400;

/** What of the default plan can be set. */
export interface DefaultViewerPlan {
  readonly limit: number;
  readonly expirySeconds: number;
}

/** The rules of each plan, by name; `default` is among them. */
export function viewerRules(base: DefaultViewerPlan, plans: ViewerPlans): ReadonlyMap<string, ViewerRules> {
  const all = Object.entries<ViewerPlan>({ [DEFAULT_PLAN]: {}, ...plans }).map(
    ([name, plan]): [string, ViewerRules] => {
      const { limit = base.limit, expirySeconds = base.expirySeconds, policy = "reject" } = plan;
      const { perDevice = null, perContent = null } = plan;
      return [name, { limit, expiryMs: expirySeconds * 1_000, perDevice, perContent, policy }];
    },
  );
  return new Map(all);
}
