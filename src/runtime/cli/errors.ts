import { ERRORS, isRigError } from "../../domain/errors.ts";
import { safeText } from "../../domain/safe-text.ts";

/** An error as it is printed: what happened, and what to do next where that is known. */
interface PrintedError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** The exit code for an error: 1 failure, 2 usage, 3 not found, 4 denied, 5 conflict or quota, 6 unreachable. */
export const exitCodeOf = (error: unknown): number => (isRigError(error) ? ERRORS[error.code].exitCode : 1);

/** Two lines for a person, or `{"error":{code,message,hint}}` for a script. */
export function formatError(error: unknown, json: boolean): string {
  const { code, message, hint } = describe(error);
  if (json) return `${JSON.stringify({ error: { code, message, hint } })}\n`;
  return `rig: ${safeText(message)}\n${hint === null ? "" : `${safeText(hint)}\n`}`;
}

function describe(error: unknown): PrintedError {
  if (isRigError(error)) return { code: error.code, message: error.message, hint: error.hint ?? null };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "INTERNAL",
    message: `unexpected error: ${message}`,
    hint: "This is a fault in rig; LOG_LEVEL=debug prints where it happened.",
  };
}

/** The stack of a fault in rig, where LOG_LEVEL=debug asks for it; else an empty text. */
export const stackOf = (error: unknown): string =>
  process.env.LOG_LEVEL === "debug" && error instanceof Error && !isRigError(error) ? `${error.stack}\n` : "";
