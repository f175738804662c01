import { invalidInput } from "./errors.ts";
import { MOST_VIEWERS } from "./viewer-plan.ts";

/** What a user is allowed, null where the user has no limit of its own. It lowers what a plan lets in, and raises nothing. */
export interface UserQuota {
  /** Most live viewer tokens of one session of the user's. */
  readonly viewerTokens: number | null;
  /** Of those, with one device. */
  readonly viewerTokensPerDevice: number | null;
  /** Of those, with one content. */
  readonly viewerTokensPerContent: number | null;
}

/** The quota of a user of whom nothing is said. */
export const NO_QUOTA: UserQuota = {
  viewerTokens: null,
  viewerTokensPerDevice: null,
  viewerTokensPerContent: null,
};

/** @throws RigError INVALID_INPUT */
export function checkQuota(quota: Partial<UserQuota>): Partial<UserQuota> {
  for (const [field, most] of Object.entries(quota))
    if (most !== null && !(Number.isInteger(most) && most >= 1 && most <= MOST_VIEWERS))
      throw invalidInput(field, `must be a whole number from 1 to ${MOST_VIEWERS}, or null for no limit, got ${most}`);
  return quota;
}

/** What of a change is not so already. */
export const changedQuota = (quota: UserQuota, change: Partial<UserQuota>): Partial<UserQuota> =>
  Object.fromEntries(Object.entries(change).filter(([field, most]) => quota[field as keyof UserQuota] !== most));
