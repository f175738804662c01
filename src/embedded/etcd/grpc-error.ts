import { GRPC, StoreError } from "./store-error.ts";

/** The error that a gRPC client would raise for the same refusal, in the shape of grpc-js' ServiceError. */
export interface ServiceError extends Error {
  readonly code: number;
  readonly details: string;
}

const NAMES = new Map<number, string>(Object.entries(GRPC).map(([name, code]) => [code, name]));

/**
 * Turns a refusal into such an error: a plain Error, since clients look at its constructor before they look further.
 * Anything that is no refusal is a bug of ours, and INTERNAL to the caller.
 */
export function serviceError(error: unknown): ServiceError {
  const code = error instanceof StoreError ? error.code : GRPC.INTERNAL;
  const details = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(`${code} ${NAMES.get(code)}: ${details}`, { cause: error }), { code, details });
}
