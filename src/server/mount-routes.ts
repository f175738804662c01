import Router from "@koa/router";
import type { Context } from "koa";
import { checkInput } from "../api/check-input.ts";
import { successEnvelope } from "../api/envelope.ts";
import { POLICIES, type Route } from "../api/route.ts";
import { ROUTES, type RouteName } from "../api/routes.ts";
import { type ToWire, wireForm } from "../api/wire-form.ts";
import { callerOf } from "./caller.ts";
import type { Handler, Handlers } from "./handlers.ts";
import type { RequestState } from "./name-request.ts";
import type { OperatorToken } from "./operator-tokens.ts";
import { pickHeaders } from "./pick-headers.ts";
import { readJson } from "./read-json.ts";

/**
 * Puts every route of the contract on a router: who calls, what they say, the handler, the answer in its wire form.
 * @throws Error for a route without a policy or without a handler: the server must not start
 */
export function mountRoutes(
  handlers: Partial<Handlers>,
  operatorTokens: readonly OperatorToken[],
  routes: Readonly<Record<string, Route>> = ROUTES,
): Router {
  const router = new Router({ sensitive: true, strict: true });
  for (const [name, route] of Object.entries(routes)) {
    const handler = handlers[name as RouteName] as Handler<RouteName> | undefined;
    if (!POLICIES.includes(route.policy)) throw new Error(`the route ${name} does not say who may call it`);
    if (!handler) throw new Error(`the route ${name} has no handler`);
    const mounted = { route, handler, toWire: wireForm(route.output), operatorTokens };
    router.register(route.path, [route.method], (context: Context) => answer(mounted, context));
  }
  return router;
}

interface Mounted {
  readonly route: Route;
  readonly handler: Handler<RouteName>;
  readonly toWire: ToWire;
  readonly operatorTokens: readonly OperatorToken[];
}

async function answer({ route, handler, toWire, operatorTokens }: Mounted, context: Context): Promise<void> {
  const { requestId } = context.state as RequestState;
  const caller = callerOf({ policy: route.policy, request: context.req, requestId, operatorTokens });
  const params = checkInput(route.params, { ...context.params }, "path");
  const query = checkInput(route.query, { ...context.query }, "query");
  const headers = checkInput(route.headers, pickHeaders(route.headers, context.headers), "headers");
  const body = route.body && checkInput(route.body, await readJson(context.req, route.bodyLimitBytes), "body");
  const result = await handler({ params, query, headers, body, ...caller } as Parameters<typeof handler>[0]);
  context.status = route.status;
  context.body = successEnvelope(route.status, toWire(result));
}
