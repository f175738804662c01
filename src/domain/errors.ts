/** Whose doing an error is: the caller's, the system's, or a neighbour's (PostgreSQL, etcd, a media server). */
export type Fault = "caller" | "system" | "neighbour";

interface ErrorRow {
  /** Code in the `/v1` error envelope, see spec/v1/errors.md. */
  readonly numeric: number;
  readonly httpStatus: number;
  /** 1 failure, 2 usage, 3 not found, 4 denied, 5 conflict or quota, 6 unreachable. */
  readonly exitCode: number;
  readonly fault: Fault;
  /** True where the same request may succeed later, unchanged. */
  readonly retryable: boolean;
}

const row = (numeric: number, httpStatus: number, exitCode: number, fault: Fault, retryable = false): ErrorRow => ({
  numeric,
  httpStatus,
  exitCode,
  fault,
  retryable,
});

/** The one table of errors that a caller can act on. Numeric codes are those of the first version (spec/v1/errors.md). */
export const ERRORS = {
  NOT_FOUND: row(1000, 404, 3, "caller"),
  USER_NOT_FOUND: row(1000, 404, 3, "caller"),
  STREAM_NOT_FOUND: row(1000, 404, 3, "caller"),
  DESTINATION_NOT_FOUND: row(1000, 404, 3, "caller"),
  PUBLISH_NOT_FOUND: row(1000, 404, 3, "caller"),
  TASK_NOT_FOUND: row(1000, 404, 3, "caller"),
  VIEWER_TOKEN_NOT_FOUND: row(1000, 404, 3, "caller"),
  METHOD_NOT_ALLOWED: row(1001, 405, 2, "caller"),
  CONTENT_TYPE: row(1002, 415, 2, "caller"),
  PAYLOAD_TOO_LARGE: row(1005, 413, 2, "caller"),
  INVALID_CREDENTIALS: row(1003, 401, 4, "caller"),
  FORBIDDEN: row(1003, 403, 4, "caller"),
  STREAM_KEY_UNKNOWN: row(1003, 403, 4, "caller"),
  STREAM_KEY_REVOKED: row(1003, 403, 4, "caller"),
  STREAM_KEY_EXPIRED: row(1003, 403, 4, "caller"),
  USER_DISABLED: row(1003, 403, 4, "caller"),
  TOO_MANY_TRIES: row(1003, 429, 4, "caller", true),
  MISSING_INPUT: row(1004, 400, 2, "caller"),
  INVALID_INPUT: row(1005, 400, 2, "caller"),
  INVALID_SETTING: row(1005, 400, 2, "caller"),
  ALREADY_EXISTS: row(1006, 409, 5, "caller"),
  CONFLICT: row(1007, 409, 5, "caller", true),
  CANNOT_FETCH: row(1008, 502, 6, "neighbour", true),
  STREAM_IN_USE: row(1009, 409, 5, "caller", true),
  VIEWER_LIMIT_REACHED: row(1006, 409, 5, "caller", true),
  VIEWER_TOKEN_EXPIRED: row(1003, 401, 4, "caller"),
  VIEWER_TOKEN_ENDED: row(1003, 410, 4, "caller"),
  NO_SLOTS: row(1008, 503, 5, "system", true),
  PORT_IN_USE: row(1008, 500, 5, "caller"),
  CLOCK_OFF: row(1008, 503, 6, "system", true),
  NOT_CONFIGURED: row(1008, 501, 1, "system"),
  ALREADY_RUNNING: row(1009, 409, 5, "caller"),
  NOT_RUNNING: row(1008, 503, 6, "caller"),
  PROGRAM_MISSING: row(1008, 500, 1, "caller"),
  DATA_FOLDER: row(1008, 500, 1, "caller"),
  DATABASE_UNREACHABLE: row(1008, 503, 6, "neighbour", true),
  ETCD_UNREACHABLE: row(1008, 503, 6, "neighbour", true),
  ETCD_AMBIGUOUS: row(1008, 503, 6, "neighbour", true),
  REDIS_UNREACHABLE: row(1008, 503, 6, "neighbour", true),
  REDIS_AMBIGUOUS: row(1008, 503, 6, "neighbour", true),
  SERVER_UNREACHABLE: row(1008, 503, 6, "neighbour", true),
  INGEST_UNREACHABLE: row(1008, 503, 6, "neighbour", true),
  LEASE_LOST: row(1008, 503, 6, "neighbour", true),
  OVERLOADED: row(1008, 503, 6, "system", true),
  CHECK_FAILED: row(1008, 500, 1, "system"),
  INTERNAL: row(1008, 500, 1, "system"),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** One fault in a caller's input, named by its field. */
export interface InputFault {
  readonly field: string;
  readonly message: string;
}

interface RigErrorOptions {
  readonly cause?: unknown;
  /** What to do next, one line; shown under the message. */
  readonly hint?: string;
  readonly faults?: readonly InputFault[];
}

/** An error that the caller can act on. Anything else that is thrown is a bug and is shown to nobody in detail. */
export class RigError extends Error {
  override readonly name = "RigError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly faults: readonly InputFault[];

  constructor(code: ErrorCode, message: string, { cause, hint, faults = [] }: RigErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.faults = faults;
  }
}

/** Bad input by one field: the message names the field and shows the value. */
export const invalidInput = (field: string, message: string): RigError =>
  new RigError("INVALID_INPUT", `${field} ${message}`, { faults: [{ field, message }] });

/** True for a RigError with one of these codes; with no codes, for any RigError. */
export const isRigError = (error: unknown, ...codes: ErrorCode[]): error is RigError =>
  error instanceof RigError && (codes.length === 0 || codes.includes(error.code));
