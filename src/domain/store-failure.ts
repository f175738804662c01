import { type ErrorCode, isRigError } from "./errors.ts";

const STORE_FAILURES: readonly ErrorCode[] = [
  "ETCD_UNREACHABLE",
  "ETCD_AMBIGUOUS",
  "REDIS_UNREACHABLE",
  "REDIS_AMBIGUOUS",
  "OVERLOADED",
];

/** True where a store is away or has too much to do: its message and hint say all there is to know. */
export const isStoreFailure = (error: unknown): error is Error & { readonly hint: string | undefined } =>
  isRigError(error, ...STORE_FAILURES);

/** A failure as fields of the log: what nobody expects is shown whole, with its stack. */
export const shownFailure = (error: unknown): object =>
  isStoreFailure(error) ? { reason: error.message, ...(error.hint && { hint: error.hint }) } : { err: error };
