import { isRigError, RigError } from "../domain/errors.ts";

/**
 * What became of a write that failed. `not sent`: it never left this machine. `one to blame`: etcd refused the whole
 * before it changed anything, for one of its parts. `not applied`: the same, and no part is to blame. `no space`: refused
 * or applied, and to be sent no more. `ambiguous`: nobody knows until somebody reads.
 */
export type Fate = "not sent" | "one to blame" | "not applied" | "no space" | "ambiguous";

const CODES = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

// Codes that etcd answers before anything is applied. RESOURCE_EXHAUSTED is none: grpc-js says it of an answer that is
// too long.
const PARTS_FAULT: readonly number[] = [CODES.invalidArgument, CODES.permissionDenied, CODES.outOfRange];
const REFUSALS: readonly number[] = [CODES.failedPrecondition, CODES.unimplemented, CODES.unauthenticated];
const MEMBERS_FAULT: readonly number[] = [
  CODES.cancelled,
  CODES.unknown,
  CODES.deadlineExceeded,
  CODES.internal,
  CODES.unavailable,
];
const LEASE_GONE = /requested lease not found|is expired or revoked/;
// etcd says it of the transaction that filled the space, too, which it applied (quotaApplierV3.Txn).
const NO_SPACE = /database space exceeded/;
const REFUSED_USER = /authentication failed/;
const NOT_ALLOWED = /authentication failed|permission denied/;
// A JWT bears the revision of users and roles at which it was given; the last is etcd's word for a call without a token.
const STALE_TOKEN =
  /invalid auth token|auth token is not known|revision (of auth store|in header) is old|user name is empty/;
const AUTH_IS_OFF = /authentication is not enabled/;
// What TLS and Node's HTTP/2 say of a connection that did not come about.
const CONNECTION_FAULTS: readonly { says: RegExp; reason: string; hint: string }[] = [
  {
    says: /SSL alert number (4[2-9]|116)\b/, // a server's word for its client's certificate, or the want of one
    reason: "etcd refuses rig's certificate",
    hint: "Check ETCD_CERT and ETCD_KEY: etcd knows the CA of its --trusted-ca-file, and no expired certificate.",
  },
  { says: /certificate has expired/, reason: "etcd's certificate has expired", hint: "Renew it, or check ETCD_CA." },
  {
    says: /altnames/,
    reason: "etcd's certificate is for another host",
    hint: "Write the host that it names into ETCD_ENDPOINTS.",
  },
  {
    says: /certificate (chain|signature|is not)|self-signed|verify the first certificate|issuer cert/,
    reason: "etcd's certificate is not trusted",
    hint: "Check ETCD_CA: it must hold the CA that issued it.",
  },
  {
    says: /wrong version number|packet length too long|before secure TLS connection/,
    reason: "etcd does not speak TLS there",
    hint: "Check ETCD_ENDPOINTS; where etcd listens without TLS, leave ETCD_CA away.",
  },
  {
    says: /Last error: Failed to connect/,
    reason: "etcd hangs up",
    hint: "Where it listens with TLS, set ETCD_CA, and ETCD_CERT and ETCD_KEY where it asks for a certificate.",
  },
];
const COMPACTED = /required revision has been compacted/;
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

/** There was no token to make a call with, for the reason that is its cause. */
export class NoToken extends Error {
  override readonly name = "NoToken";

  constructor(cause: unknown) {
    super(textOf(cause), { cause });
  }
}

/** True where etcd did nothing because it no longer takes the token, or wants one. */
export const isStaleToken = (error: unknown): boolean => STALE_TOKEN.test(textOf(error));

/** True where user and password are not etcd's. */
export const isRefusedUser = (error: unknown): boolean => REFUSED_USER.test(textOf(error));

/** True where a sign-in failed because etcd has no users to ask for. */
export const authIsOff = (error: unknown): boolean => AUTH_IS_OFF.test(textOf(error));

/** What became of the write that failed with `error`. */
export function fateOf(error: unknown): Fate {
  const text = textOf(error);
  const code = grpcCode(error) ?? -1;
  if (error instanceof NoToken) return isRefusedUser(error) ? "not applied" : "not sent";
  if (NOT_SENT.test(text)) return "not sent";
  if (NO_SPACE.test(text)) return "no space";
  if (TOO_MANY.test(text) || STALE_TOKEN.test(text) || REFUSALS.includes(code)) return "not applied";
  return LEASE_GONE.test(text) || PARTS_FAULT.includes(code) ? "one to blame" : "ambiguous";
}

/** True where another member may answer what this one did not. */
export const isMembersFault = (error: unknown): boolean =>
  isRigError(error, "ETCD_UNREACHABLE") ||
  fateOf(error) === "not sent" ||
  (!isRigError(error) && MEMBERS_FAULT.includes(grpcCode(error) ?? -1));

/** True where etcd has thrown away the revision that was asked for. */
export const isCompacted = (error: unknown): boolean =>
  COMPACTED.test(textOf(error instanceof RigError ? error.cause : error));

/** What to look at where an etcd of these endpoints does not answer; nothing for a store in this process. */
export const awayHint = (endpoints: readonly string[]): { hint: string } | null =>
  endpoints.length === 0 ? null : { hint: `Check that etcd runs at ${endpoints.join(", ")}, and ETCD_ENDPOINTS.` };

/**
 * The error that a caller of `what` gets for one of etcd's or gRPC's; a RigError stays what it is.
 * @param endpoints where it was asked, for the hint
 */
export function etcdError(what: string, error: unknown, endpoints: readonly string[] = []): RigError {
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
  if (COMPACTED.test(text))
    return new RigError("CONFLICT", failed("what was asked for is compacted away"), { cause: error });
  if (TOO_MANY.test(text)) return new RigError("OVERLOADED", failed("too many requests"), { cause: error });
  if (
    NOT_ALLOWED.test(text) ||
    isStaleToken(error) ||
    code === CODES.permissionDenied ||
    code === CODES.unauthenticated
  )
    return new RigError("ETCD_UNREACHABLE", failed("etcd refuses this user"), {
      cause: error,
      hint: "Check ETCD_USER, ETCD_PASSWORD_FILE and the role in spec/v1/etcd-keys.md.",
    });
  switch (code) {
    case CODES.deadlineExceeded:
      return new RigError("ETCD_UNREACHABLE", failed("no answer within the deadline"), {
        cause: error,
        ...awayHint(endpoints),
      });
    case CODES.invalidArgument:
      return new RigError("INTERNAL", failed("etcd refuses the request"), { cause: error });
    case CODES.resourceExhausted:
      return new RigError("OVERLOADED", failed("the answer is too long"), { cause: error });
    default:
      return unreachable(failed, error, endpoints);
  }
}

/** Where no connection came about its text tells what to look at. */
function unreachable(failed: (reason: string) => string, cause: unknown, endpoints: readonly string[]): RigError {
  const text = textOf(cause);
  const fault = CONNECTION_FAULTS.find(({ says }) => says.test(text));
  if (!fault)
    return new RigError("ETCD_UNREACHABLE", failed("etcd cannot be reached"), { cause, ...awayHint(endpoints) });
  return new RigError("ETCD_UNREACHABLE", failed(fault.reason), { cause, hint: fault.hint });
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
