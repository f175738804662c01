import { ERRORS, type ErrorCode, isRigError } from "../../domain/errors.ts";
import { safeText } from "../../domain/safe-text.ts";

/** An error as it is printed: what happened, and what to do next where that is known. */
interface PrintedError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** The exit code for an error: 1 failure, 2 usage, 3 not found, 4 denied, 5 conflict or quota, 6 unreachable. */
export const exitCodeOf = (error: unknown): number => (isRigError(error) ? ERRORS[error.code].exitCode : 1);

/** What to do next where the error itself does not say. */
const NEXT: Partial<Record<ErrorCode, string>> = {
  USER_NOT_FOUND: "`rig users list` shows them all.",
  STREAM_NOT_FOUND: "`rig streams list` shows them all.",
  DESTINATION_NOT_FOUND: "`rig destinations list STREAM_ID` shows those of a stream.",
  TASK_NOT_FOUND: "`rig tasks list` shows those that are there; one that is done stays as long as its result is kept.",
  VIEWER_TOKEN_NOT_FOUND:
    "`rig tokens list` shows the sessions that have live tokens, `rig tokens show SESSION` those.",
};

/** Two lines for a person, or `{"error":{code,message,hint}}` for a script. */
export function formatError(error: unknown, json: boolean): string {
  const { code, message, hint } = describe(error);
  if (json) return `${JSON.stringify({ error: { code, message, hint } })}\n`;
  return `rig: ${safeText(message)}\n${hint === null ? "" : `${safeText(hint)}\n`}`;
}

function describe(error: unknown): PrintedError {
  if (isRigError(error))
    return { code: error.code, message: error.message, hint: error.hint ?? NEXT[error.code] ?? null };
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
