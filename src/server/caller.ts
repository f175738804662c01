import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Policy } from "../api/route.ts";
import type { Actor } from "../domain/audit.ts";
import { RigError } from "../domain/errors.ts";
import type { Secret } from "../domain/secret.ts";
import { agentIdOf } from "../runtime/tls/agent-identity.ts";
import { isSessionSecret } from "../services/viewer-access.ts";
import { bearerOf, findOperator, type OperatorToken } from "./operator-tokens.ts";

interface CallerAsk {
  readonly policy: Policy;
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly operatorTokens: readonly OperatorToken[];
}

/** Who calls, and for a viewer what it showed: whether that is its session's secret only the session tells. */
export interface Caller {
  readonly actor: Actor;
  readonly sessionSecret: Secret | null;
}

/**
 * Who calls, as the route's policy allows.
 * @throws RigError INVALID_CREDENTIALS where there are none, or wrong ones; FORBIDDEN for credentials of another kind
 */
export function callerOf({ policy, request, requestId, operatorTokens }: CallerAsk): Caller {
  const bearer = request.headers.authorization === undefined ? null : (bearerOf(request) ?? notValid());
  const sessionSecret = bearer && isSessionSecret(bearer) ? bearer : null;
  const operator = bearer && !sessionSecret ? (findOperator(operatorTokens, bearer)?.name ?? notValid()) : null;
  const agent = agentBy(request.socket as TLSSocket);
  const from = { address: addressOf(request), requestId };
  if (policy === "agent" && agent) return { actor: { kind: "agent", id: agent, ...from }, sessionSecret: null };
  if (policy !== "agent" && operator)
    return { actor: { kind: "operator", id: operator, ...from }, sessionSecret: null };
  if (policy === "viewer" && sessionSecret) return { actor: { kind: "viewer", id: "viewer", ...from }, sessionSecret };
  if (bearer || agent) throw new RigError("FORBIDDEN", `this route is for ${WHO[policy]}`);
  throw new RigError("INVALID_CREDENTIALS", `${WHAT[policy]} is required`);
}

const WHO: Readonly<Record<Policy, string>> = {
  operator: "operators",
  agent: "agents",
  viewer: "operators, and for viewers with their session's secret",
};
const WHAT: Readonly<Record<Policy, string>> = {
  operator: "a bearer token",
  agent: "a client certificate of this platform",
  viewer: "a bearer token, an operator's or the session's own secret,",
};

function notValid(): never {
  throw new RigError("INVALID_CREDENTIALS", "the bearer token is not valid");
}

/** As people write it: a dual-stack socket says `::ffff:` before an IPv4 address. */
const addressOf = ({ socket }: IncomingMessage): string => (socket.remoteAddress ?? "").replace(/^::ffff:/, "");

/** The agent on a connection whose certificate our CA signed. A resumed session counts as authorized without one: hence both checks. */
function agentBy(socket: TLSSocket): string | null {
  if (!socket.encrypted || !socket.authorized) return null;
  const certificate = socket.getPeerX509Certificate();
  return certificate ? agentIdOf(certificate) : null;
}
