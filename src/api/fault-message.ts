import type { z } from "zod";

/** A schema's fault in rig's words: what is allowed, after the field's name. Never shows a value: it may be a key. */
export function faultMessage(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.replace(/^Invalid input: expected (\w+), received (\w+)$/, "must be $1, got $2");
    case "too_small":
      return `must be ${issue.minimum} or more${UNITS[issue.origin] ?? ""}`;
    case "too_big":
      return `must be ${issue.maximum} or fewer${UNITS[issue.origin] ?? ""}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    default:
      return issue.message;
  }
}

const UNITS: Readonly<Record<string, string>> = { string: " characters", array: " entries" };
