import { z } from "zod";
import { ERRORS, type ErrorCode, RigError } from "../domain/errors.ts";

/** What every `/v1` route answers when it worked. */
export interface Envelope {
  readonly msg: string;
  /** The HTTP status. */
  readonly status: number;
  readonly payload: unknown;
}

const errorEnvelopeSchema = z.object({
  msg: z.string(),
  status: z.number().int(),
  payload: z.array(z.object({ field: z.string(), message: z.string() })),
  errorCode: z.number().int(),
  code: z.string(),
});

/** What it answers when not: the numeric code of the first version, the error's name, and each fault of the input by its field. */
export type ErrorEnvelope = z.output<typeof errorEnvelopeSchema>;

export { errorEnvelopeSchema };

export const successEnvelope = (status: number, payload: unknown): Envelope => ({ msg: "OK", status, payload });

/** A RigError as it goes over the wire; anything else is a bug and becomes INTERNAL without detail. */
export function errorEnvelope(error: unknown): ErrorEnvelope {
  if (!(error instanceof RigError)) return errorEnvelope(new RigError("INTERNAL", "An unexpected error occurred."));
  const { numeric, httpStatus } = ERRORS[error.code];
  return {
    msg: error.message,
    status: httpStatus,
    payload: error.faults.map(({ field, message }) => ({ field, message })),
    errorCode: numeric,
    code: error.code,
  };
}

/**
 * The RigError that an answer stands for. A name that only a newer server knows becomes the error with the same
 * number and status; what is no envelope at all (a proxy's page) becomes CANNOT_FETCH.
 */
export function errorFromEnvelope(httpStatus: number, answer: unknown): RigError {
  const parsed = errorEnvelopeSchema.safeParse(answer);
  if (!parsed.success)
    return new RigError("CANNOT_FETCH", `the server answered ${httpStatus} in a form that is not rig's`);
  const { msg, payload, code, errorCode, status } = parsed.data;
  return new RigError(isErrorCode(code) ? code : nearestCode(errorCode, status), msg, { faults: payload });
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

function nearestCode(numeric: number, httpStatus: number): ErrorCode {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  return (
    codes.find((code) => ERRORS[code].numeric === numeric && ERRORS[code].httpStatus === httpStatus) ?? "CANNOT_FETCH"
  );
}
