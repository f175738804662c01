import type { Context, Next } from "koa";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly newRequestId: () => string;
}

/** What the middlewares hand on. */
export interface RequestState {
  requestId: string;
  /** What it failed of is told elsewhere, once for many. */
  isTold?: boolean;
}

/** Gives each request an id (the caller's own where it is a decent one), answers it in `X-Request-Id`, and logs one line. */
export const nameRequest =
  ({ clock, log, newRequestId }: Ports) =>
  async (context: Context, next: Next) => {
    const startedAt = clock.monotonic();
    const given = context.get("x-request-id");
    const requestId = REQUEST_ID.test(given) ? given : newRequestId();
    const state = context.state as RequestState;
    state.requestId = requestId;
    context.set("x-request-id", requestId);
    context.set("cache-control", "no-store"); // keys and live states: nothing here is worth keeping
    context.set("x-content-type-options", "nosniff");
    await next();
    const { method, status } = context;
    const route = (context as { _matchedRoute?: string })._matchedRoute ?? null; // never the path itself: it may hold anything
    const fields = { requestId, method, route, status, durationMs: Math.round(clock.monotonic() - startedAt) };
    if (status >= 500 && !state.isTold) log.warn(fields, "request");
    else log.debug(fields, "request");
  };
