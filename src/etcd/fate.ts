import { RigError } from "../domain/errors.ts";

/**
 * What became of a write that failed. `not sent`: it never left this machine. `not applied`: etcd refused it before it
 * changed anything. `ambiguous`: nobody knows until somebody reads.
 */
export type Fate = "not sent" | "not applied" | "ambiguous";

const CODES = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unauthenticated: 16,
} as const;

// Codes that etcd answers before anything is applied: INVALID_ARGUMENT, PERMISSION_DENIED, FAILED_PRECONDITION,
// OUT_OF_RANGE, UNIMPLEMENTED, UNAUTHENTICATED. RESOURCE_EXHAUSTED is none: grpc-js says it of an answer that is too long.
const REFUSALS: readonly number[] = [3, 7, 9, 11, 12, 16];
const LEASE_GONE = /requested lease not found|is expired or revoked/;
const NO_SPACE = /database space exceeded/;
const NOT_ALLOWED = /authentication failed|permission denied|user name is empty|invalid auth token/;
const TOO_MANY = /too many requests/;
// grpc-js's own words for a call that got no connection; a call that was on its way when it broke reads otherwise.
const NOT_SENT =
  /No connection established|Name resolution failed|Channel closed before call started|Channel has been shut down|client was already closed/;

/** The gRPC status of an error; null for one that is none. etcd3 drops the number and keeps it in the text. */
export function grpcCode(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  if ("code" in error && typeof error.code === "number") return error.code;
  const code = /^(?:\w+: )?(\d{1,2}) [A-Z_]+: /.exec(error.message)?.[1];
  return code === undefined ? null : Number(code);
}

/** What became of the write that failed with `error`. */
export function fateOf(error: unknown): Fate {
  const text = textOf(error);
  if (NOT_SENT.test(text)) return "not sent";
  if (LEASE_GONE.test(text) || NO_SPACE.test(text) || TOO_MANY.test(text)) return "not applied";
  return REFUSALS.includes(grpcCode(error) ?? -1) ? "not applied" : "ambiguous";
}

/** The error that a caller of `what` gets for one of etcd's or gRPC's; a RigError stays what it is. */
export function etcdError(what: string, error: unknown): RigError {
  if (error instanceof RigError) return error;
  const text = textOf(error);
  const code = grpcCode(error) ?? -1;
  const failed = (reason: string) => `etcd: ${what}: ${reason}`;
  if (LEASE_GONE.test(text)) return new RigError("LEASE_LOST", failed("the lease is gone"), { cause: error });
  if (NO_SPACE.test(text))
    return new RigError("OVERLOADED", failed("no space left"), {
      cause: error,
      hint: "Compact and defragment etcd, then disarm its NOSPACE alarm.",
    });
  if (TOO_MANY.test(text)) return new RigError("OVERLOADED", failed("too many requests"), { cause: error });
  if (NOT_ALLOWED.test(text) || code === CODES.permissionDenied || code === CODES.unauthenticated)
    return new RigError("ETCD_UNREACHABLE", failed("etcd refuses this user"), {
      cause: error,
      hint: "Check ETCD_USER, ETCD_PASSWORD and the role in spec/v1/etcd-keys.md.",
    });
  switch (code) {
    case CODES.deadlineExceeded:
      return new RigError("ETCD_UNREACHABLE", failed("no answer within the deadline"), { cause: error });
    case CODES.invalidArgument:
      return new RigError("INTERNAL", failed("etcd refuses the request"), { cause: error });
    case CODES.resourceExhausted:
      return new RigError("OVERLOADED", failed("the answer is too long"), { cause: error });
    default:
      return new RigError("ETCD_UNREACHABLE", failed("etcd cannot be reached"), { cause: error });
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
