import type { RouteInput, RouteName, RouteOutput } from "../api/routes.ts";
import type { Actor } from "../domain/audit.ts";
import type { Secret } from "../domain/secret.ts";

/** One call of a route, read and checked. On an agent's route `actor.id` is the agent id of its certificate. */
export interface RouteCall<N extends RouteName> extends RouteInput<N> {
  readonly actor: Actor;
  /** What a viewer's app showed, for the handler to hold against the session; null where another calls. */
  readonly sessionSecret: Secret | null;
}

/** Reads nothing and writes nothing itself: calls one service and gives what the route answers. */
export type Handler<N extends RouteName> = (call: RouteCall<N>) => Promise<RouteOutput<N>>;

/** Handlers of some routes. */
export type Handlers<N extends RouteName = RouteName> = { readonly [Name in N]: Handler<Name> };
