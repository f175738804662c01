import type { Context, Next } from "koa";
import { errorEnvelope } from "../api/envelope.ts";
import { PROBLEM_TYPE, Problem, problemOf } from "../api/problem.ts";
import { ERRORS, isRigError, RigError } from "../domain/errors.ts";
import { isStoreFailure } from "../domain/store-failure.ts";
import type { RequestState } from "./name-request.ts";

const RETRY_AFTER_SECONDS = "1";
const PROBLEM_PATHS = /^\/v1\/tokens(?:\/|$)/; // where no route takes the request too

/** Turns what was thrown, and what no route answered, into the error envelope. What is not a RigError is logged in full and shown to nobody. */
export const answerErrors =
  (onBug: (error: unknown, context: Context) => void) => async (context: Context, next: Next) => {
    try {
      await next();
      if (context.status >= 400 && (context.body === undefined || context.body === null))
        throw unanswered(context.status);
    } catch (error) {
      const state = context.state as RequestState;
      const isProblem = PROBLEM_PATHS.test(context.path);
      const envelope = isProblem ? problemOf(error) : errorEnvelope(error);
      if (!isRigError(error)) onBug(error, context);
      state.isTold = isProblem && isStoreFailure(error);
      context.status = envelope.status;
      context.body = envelope;
      if (isProblem) context.type = PROBLEM_TYPE;
      if (envelope.status === 401) context.set("www-authenticate", "Bearer");
      if (error instanceof Problem && error.retryAfterSeconds !== null)
        context.set("retry-after", String(error.retryAfterSeconds));
      if (isRigError(error) && envelope.status === 503 && ERRORS[error.code].retryable)
        context.set("retry-after", RETRY_AFTER_SECONDS);
    }
  };

/** The router's 404, 405 and 501. */
function unanswered(status: number): RigError {
  if (status === 404) return new RigError("NOT_FOUND", "there is nothing at this path");
  return new RigError("METHOD_NOT_ALLOWED", "this path does not take this method");
}
