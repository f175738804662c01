import { z } from "zod";
import { type InputFault, RigError } from "../domain/errors.ts";
import { faultMessage } from "./fault-message.ts";

/**
 * Reads foreign input by its schema.
 * @param whole the field that is named where the input as a whole is wrong: `body`, `query`, `path`
 * @throws RigError MISSING_INPUT where a required field is not there, else INVALID_INPUT; each fault by its field
 */
export function checkInput<S extends z.ZodType>(schema: S, given: unknown, whole: string): z.output<S> {
  const result = z.safeDecode(schema, given as z.input<S>);
  if (!result.success) throw inputError(result.error, given, whole);
  return result.data;
}

/** The other way: what a client is about to send, in its wire form. @throws RigError MISSING_INPUT, INVALID_INPUT before anything was sent */
export function encodeInput(schema: z.ZodType, value: unknown, whole: string): unknown {
  const result = z.safeEncode(schema, value);
  if (!result.success) throw inputError(result.error, value, whole);
  return result.data;
}

function inputError({ issues }: z.ZodError, given: unknown, whole: string): RigError {
  const faults = issues.flatMap((issue) => faultsOf(issue, given, whole));
  const code = issues.some((issue) => isMissing(issue, given)) ? "MISSING_INPUT" : "INVALID_INPUT";
  return new RigError(code, faults.map(({ field, message }) => `${field} ${message}`).join("; "), { faults });
}

function faultsOf(issue: z.core.$ZodIssue, given: unknown, whole: string): InputFault[] {
  const field = issue.path.map(String).join(".") || whole;
  if (isMissing(issue, given) && issue.code === "invalid_type") return [{ field, message: "is required" }];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ field: nested(issue.path, key), message: "is not known here" }));
  return [{ field, message: faultMessage(issue) }];
}

/** Of all faults only a field that was left out counts as missing, not one of the wrong type. */
function isMissing(issue: z.core.$ZodIssue, given: unknown): boolean {
  if (issue.code === "custom") return issue.params?.missing === true;
  if (issue.path.length === 0 || !["invalid_type", "invalid_value"].includes(issue.code)) return false;
  let at: unknown = given;
  for (const step of issue.path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return true;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at === undefined;
}

const nested = (path: readonly PropertyKey[], key: string): string => [...path.map(String), key].join(".");
