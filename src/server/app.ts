import type Router from "@koa/router";
import Koa, { type Context, type Next } from "koa";
import { TOKEN_ROUTES } from "../api/token-routes.ts";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { healthAnswer, type Probe } from "../runtime/http/health.ts";
import type { HttpHandler } from "../runtime/http/listen.ts";
import { answerErrors } from "./answer-errors.ts";
import type { Handlers } from "./handlers.ts";
import { mountRoutes } from "./mount-routes.ts";
import { nameRequest, type RequestState } from "./name-request.ts";
import type { OperatorToken } from "./operator-tokens.ts";
import { destinationHandlers } from "./routes/destinations.ts";
import { publishHandlers } from "./routes/publishes.ts";
import { streamHandlers } from "./routes/streams.ts";
import { tokenHandlers, type ViewerServices } from "./routes/tokens.ts";
import { usageHandlers } from "./routes/usage.ts";
import { userHandlers } from "./routes/users.ts";
import type { ServerServices } from "./server-services.ts";
import { isForStreamService, streamService } from "./stream-service.ts";

export interface AppOptions {
  readonly operatorTokens: readonly OperatorToken[];
  /** What `/readyz` asks. */
  readonly probes: readonly Probe[];
  readonly clock: Clock;
  readonly log: Log;
  /** A new id for a request that brings none. */
  readonly newRequestId: () => string;
}

/** The server's HTTP API, with the stream service at its root. @throws Error for a route without a policy or a handler */
export function serverApp(services: ServerServices, options: AppOptions): HttpHandler {
  const { clock, log, operatorTokens } = options;
  const api = apiApp(mountRoutes(handlersOf(services, clock), operatorTokens), options);
  const viewers = streamService(services.viewerTokens, log);
  return (request, response) => (isForStreamService(request) ? viewers : api)(request, response);
}

/** `/v1/tokens` alone, for where the stream service is. */
export function tokensApp(viewers: ViewerServices, options: AppOptions): HttpHandler {
  return apiApp(mountRoutes(tokenHandlers(viewers), options.operatorTokens, TOKEN_ROUTES), options);
}

function apiApp(router: Router, options: AppOptions): HttpHandler {
  const { clock, log, probes } = options;
  const onBug = (error: unknown, context?: Context) =>
    log.error({ err: error, requestId: (context?.state as RequestState | undefined)?.requestId }, "request failed");
  const app = new Koa();
  app.on("error", onBug); // Koa would print it
  app.use(nameRequest(options));
  app.use(answerErrors(onBug));
  app.use(healthPages(clock, probes));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app.callback();
}

const handlersOf = (services: ServerServices, clock: Clock): Handlers => ({
  ...userHandlers(services.users),
  ...streamHandlers(services.streams, services.liveStreams),
  ...destinationHandlers(services.destinations),
  ...usageHandlers({ usage: services.usage, users: services.users, clock }),
  ...tokenHandlers(services.viewers),
  ...publishHandlers(services.publishes, services.agents),
});

const healthPages = (clock: Clock, probes: readonly Probe[]) => async (context: Context, next: Next) => {
  const health = context.method === "GET" || context.method === "HEAD";
  const answer = health ? await healthAnswer(context.path, { clock, probes }) : null;
  if (answer === null) return next();
  context.status = answer.status;
  context.body = answer.body;
};
