import { z } from "zod";
import { RigError } from "../../domain/errors.ts";
import { Secret } from "../../domain/secret.ts";

/** ISO 8601 on the wire, milliseconds since the epoch inside. */
export const instant = z.codec(z.iso.datetime(), z.number(), {
  decode: (text) => Date.parse(text),
  encode: (ms) => new Date(ms).toISOString(),
});

const withoutNul = (value: string): boolean => !value.includes("\0"); // PostgreSQL could not store it
const NUL_FAULT = "must not contain a NUL character";

/** A text of 1 to `maxLength` characters without NUL. */
export const text = (maxLength: number) => z.string().min(1).max(maxLength).refine(withoutNul, NUL_FAULT);

/** A string on the wire that is a `Secret` as soon as it was read. */
export const secret = (maxLength: number) =>
  z.codec(text(maxLength), z.instanceof(Secret), {
    decode: (value) => new Secret(value),
    encode: (value) => value.open(),
  });

/** An id, or a name where names are allowed: nothing that could mean something in a path, a key or a query. */
export const id = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "must be 1-64 of A-Z a-z 0-9 . _ -");

/** A counter that only grows: bytes, frames, revisions. */
export const count = z.number().int().min(0);

/** Seconds, fractions allowed. */
export const seconds = z.number().min(0);

// One fault is enough: the rule need not say again that a text is too long.
const boundedText = z.string().max(1024, { abort: true }).refine(withoutNul, { error: NUL_FAULT, abort: true });

/** Keeps a value to a rule of the domain, which throws where it does not: the fault bears the name of this field. */
export const obeys =
  <T>(rule: (value: T) => unknown) =>
  (value: T, context: z.core.$RefinementCtx<T>): void => {
    try {
      rule(value);
    } catch (error) {
      if (!(error instanceof RigError)) throw error;
      context.addIssue(error.faults[0]?.message ?? error.message);
    }
  };

/** A text that keeps to a rule of the domain. */
export const ruled = (rule: (value: string) => string) => boundedText.superRefine(obeys(rule));

/** No fields: of a route that takes no query, or no part of its path. */
export const nothing = z.strictObject({});
