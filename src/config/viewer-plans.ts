import {
  DEFAULT_PLAN,
  FULL_POLICIES,
  LONGEST_EXPIRY_SECONDS,
  MOST_VIEWERS,
  type ViewerPlan,
  type ViewerPlans,
} from "../domain/viewer-plan.ts";

/** What TOKEN_PLANS must look like, as an error says it. */
export const VIEWER_PLANS_FORM = `plans by name (1-64 of letters, digits, . _ -; not "${DEFAULT_PLAN}", which TOKEN_LIMIT and STREAM_EXPIRY set), each with any of limit (1-${MOST_VIEWERS}), expirySeconds (1-${LONGEST_EXPIRY_SECONDS}), perDevice, perContent (1-${MOST_VIEWERS} or null), policy (${FULL_POLICIES.join(", ")})`;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

type Check = (value: unknown) => boolean;

const whole =
  (max: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const FIELDS: Readonly<Record<keyof ViewerPlan, Check>> = {
  limit: whole(MOST_VIEWERS),
  expirySeconds: whole(LONGEST_EXPIRY_SECONDS),
  perDevice: orNull(whole(MOST_VIEWERS)),
  perContent: orNull(whole(MOST_VIEWERS)),
  policy: (value) => FULL_POLICIES.some((policy) => policy === value),
};

/** The plans of a configuration; undefined where they do not have their form. */
export function parseViewerPlans(value: unknown): ViewerPlans | undefined {
  if (!isObject(value)) return undefined;
  const isSound = Object.entries(value).every(
    ([name, plan]) => NAME.test(name) && name !== DEFAULT_PLAN && isPlan(plan),
  );
  return isSound ? (value as ViewerPlans) : undefined;
}

const isPlan = (plan: unknown): boolean =>
  isObject(plan) &&
  Object.entries(plan).every(
    ([field, value]) => Object.hasOwn(FIELDS, field) && FIELDS[field as keyof ViewerPlan](value),
  );

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
