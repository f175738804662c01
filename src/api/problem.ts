import { z } from "zod";
import { type ErrorCode, RigError } from "../domain/errors.ts";
import { type ErrorEnvelope, errorEnvelope, errorEnvelopeSchema } from "./envelope.ts";

/** The content type of a problem document (RFC 9457). */
export const PROBLEM_TYPE = "application/problem+json";

/** The envelope of an error that is a problem document too: both kinds of readers find what they look for. */
export const problemSchema = errorEnvelopeSchema.extend({ type: z.string(), title: z.string(), detail: z.string() });

/** A refusal that says more than an envelope has room for. */
export class Problem extends RigError {
  /** What it adds to the document, in its wire form. */
  readonly says: Readonly<Record<string, unknown>>;
  /** Null where a retry is of no use. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    { says = {}, retryAfterSeconds = null }: { says?: object; retryAfterSeconds?: number | null } = {},
  ) {
    super(code, message);
    this.says = { ...says };
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** An error as a problem document. */
export function problemOf(error: unknown): ErrorEnvelope & z.output<typeof problemSchema> {
  const envelope = errorEnvelope(error);
  const title = envelope.code.toLowerCase().replaceAll("_", " ");
  const problem = { type: `urn:rig:error:${envelope.code}`, title, detail: envelope.msg, ...envelope };
  return error instanceof Problem ? { ...problem, ...error.says } : problem;
}
