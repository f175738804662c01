import { RigError } from "../domain/errors.ts";

/** Classes and codes of PostgreSQL that say "not now" or "not here", never "this statement is wrong". */
const UNREACHABLE_SQLSTATE = /^(08|57P0|57014|53|28|3D000|25P03|55P03)/; // connection, shutdown, timeout, resources, sign-in, no database, lock timeout
const UNREACHABLE_ERRNO =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOENT|EACCES)$/;
const UNREACHABLE_MESSAGE =
  /Connection terminated|Client has encountered a connection error|timeout expired|timeout exceeded|Query read timeout|Cannot use a pool|Client was closed|^SASL: /;
const NO_PASSWORD = /^SASL: .*client password must be/; // ours to give, PostgreSQL has asked for it

/** What an error of pg carries besides its message. */
interface PgError extends Error {
  readonly code?: string;
  readonly constraint?: string;
  readonly errors?: readonly PgError[];
}

/** True where the connection or the whole database is gone, so the connection must not be used again. */
export function isUnreachable(error: unknown): boolean {
  const { code = "", message = "", errors = [] } = error as PgError;
  return (
    UNREACHABLE_SQLSTATE.test(code) ||
    UNREACHABLE_ERRNO.test(code) ||
    UNREACHABLE_MESSAGE.test(message) ||
    errors.some(isUnreachable) // happy eyeballs: one error for each address
  );
}

/** Two transactions were in each other's way; the same one again may succeed. */
export const isSerializationFailure = (error: unknown): boolean =>
  ["40001", "40P01"].includes((error as PgError | null)?.code ?? "");

/** A unique constraint of that name was violated. */
export const isDuplicate = (error: unknown, constraint: string): boolean =>
  (error as PgError | null)?.code === "23505" && (error as PgError).constraint === constraint;

/** DATABASE_UNREACHABLE for what is the database's or the network's doing; anything else as it is. */
export function asRigError(error: unknown): unknown {
  if (error instanceof RigError || !isUnreachable(error)) return error;
  const { message, code = "", errors } = error as PgError;
  if (NO_PASSWORD.test(message))
    return new RigError("DATABASE_UNREACHABLE", "PostgreSQL asks for a password, and none is set", {
      cause: error,
      hint: "Put it into DATABASE_URL, or into a file that DATABASE_PASSWORD_FILE names.",
    });
  const reason = message || errors?.[0]?.message || code;
  return new RigError("DATABASE_UNREACHABLE", `PostgreSQL does not answer: ${reason}`, {
    cause: error,
    hint: "is it running, and is DATABASE_URL right?",
  });
}
