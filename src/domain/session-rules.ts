import { invalidInput } from "./errors.ts";
import { NO_QUOTA, type UserQuota } from "./user-quota.ts";
import type { ViewerRules } from "./viewer-operation.ts";

/**
 * The rules of a plan for one session: the smallest of what the plan, the user's quota and `limit` let in.
 * @param limit what the session may have at most; null for as many as the others let in
 * @throws RigError INVALID_INPUT for a plan that there is not
 */
export function rulesOf(
  rules: ReadonlyMap<string, ViewerRules>,
  plan: string,
  limit: number | null,
  quota: UserQuota = NO_QUOTA,
): ViewerRules {
  const of = rules.get(plan);
  if (!of) throw invalidInput("plan", `must be one of ${[...rules.keys()].join(", ")}, got ${JSON.stringify(plan)}`);
  const { expiryMs, policy } = of;
  return {
    expiryMs,
    policy,
    limit: lowest(of.limit, lowest(limit, quota.viewerTokens)) ?? of.limit,
    perDevice: lowest(of.perDevice, quota.viewerTokensPerDevice),
    perContent: lowest(of.perContent, quota.viewerTokensPerContent),
  };
}

/** The lower one of two limits; null is none. */
export const lowest = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
