import {
  DEFAULT_PLAN,
  FULL_POLICIES,
  LONGEST_EXPIRY_SECONDS,
  MOST_VIEWERS,
  type ViewerPlan,
} from "../domain/viewer-plan.ts";
import { nearestName } from "./nearest-name.ts";

/** What TOKEN_PLANS holds, for whoever asks what a setting may be. */
export const VIEWER_PLANS_FORM = 'plans by name, as in {"family":{"limit":5}}';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

interface Member {
  readonly allowed: string;
  isAllowed(value: unknown): boolean;
}

const whole = (max: number): Member => ({
  allowed: `a whole number from 1 to ${max}`,
  isAllowed: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max,
});
const orNull = ({ allowed, isAllowed }: Member): Member => ({
  allowed: `${allowed}, or null`,
  isAllowed: (value) => value === null || isAllowed(value),
});

const MEMBERS: Readonly<Record<keyof ViewerPlan, Member>> = {
  limit: whole(MOST_VIEWERS),
  expirySeconds: whole(LONGEST_EXPIRY_SECONDS),
  perDevice: orNull(whole(MOST_VIEWERS)),
  perContent: orNull(whole(MOST_VIEWERS)),
  policy: {
    allowed: `one of ${FULL_POLICIES.join(", ")}`,
    isAllowed: (value) => FULL_POLICIES.some((policy) => policy === value),
  },
};
const MEMBER_NAMES = Object.keys(MEMBERS);

/** What is wrong with the plans of a configuration, by plan and member; null for those that can be used. */
export function viewerPlansFault(value: unknown): string | null {
  if (!isObject(value)) return `must be ${VIEWER_PLANS_FORM}, got ${JSON.stringify(value)}`;
  return firstOf(Object.entries(value), ([name, plan]) => planFault(name, plan));
}

function planFault(name: string, plan: unknown): string | null {
  const named = `plan ${JSON.stringify(name)}`;
  if (name === DEFAULT_PLAN) return `must not have a ${named}: TOKEN_LIMIT and STREAM_EXPIRY set that one`;
  if (!NAME.test(name))
    return `has a ${named}, whose name must be 1 to 64 letters, digits, ".", "_" or "-", the first a letter or a digit`;
  if (!isObject(plan)) return `${named} must be an object, as in {"limit":5}, got ${JSON.stringify(plan)}`;
  const fault = firstOf(Object.entries(plan), ([member, value]) => memberFault(member, value));
  return fault && `${named}: ${fault}`;
}

function memberFault(name: string, value: unknown): string | null {
  if (!Object.hasOwn(MEMBERS, name)) {
    const meant = nearestName(name, MEMBER_NAMES) ?? `one of ${MEMBER_NAMES.join(", ")}`;
    return `${JSON.stringify(name)} is no member of a plan; did you mean ${meant}?`;
  }
  const { allowed, isAllowed } = MEMBERS[name as keyof ViewerPlan];
  return isAllowed(value) ? null : `${name} must be ${allowed}, got ${JSON.stringify(value)}`;
}

function firstOf<T>(items: readonly T[], faultOf: (item: T) => string | null): string | null {
  for (const item of items) {
    const fault = faultOf(item);
    if (fault !== null) return fault;
  }
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
