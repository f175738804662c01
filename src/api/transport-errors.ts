import { RigError } from "../domain/errors.ts";

const BROKEN = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** True where a connection broke that had worked: often a kept one that the server closed at that moment. */
export const isBrokenConnection = (error: unknown): boolean => BROKEN.has(codeOf(error));

/** A RigError as it is; anything else happened on the way to the server and becomes SERVER_UNREACHABLE. */
export function unreachable(error: unknown, baseUrl: string): RigError {
  if (error instanceof RigError) return error;
  const why = error instanceof Error && error.message !== "" ? error.message : codeOf(error);
  return new RigError("SERVER_UNREACHABLE", `the server at ${baseUrl} cannot be reached: ${why}`, { cause: error });
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}
