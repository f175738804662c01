import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Policy } from "../api/route.ts";
import type { Actor } from "../domain/audit.ts";
import { RigError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import { agentIdOf } from "../runtime/tls/agent-identity.ts";
import { findOperator, type OperatorToken } from "./operator-tokens.ts";

const BEARER = /^Bearer +([\x21-\x7e]{1,1024})$/i;

interface CallerAsk {
  readonly policy: Policy;
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly operatorTokens: readonly OperatorToken[];
}

/**
 * Who calls, as the route's policy allows.
 * @throws RigError INVALID_CREDENTIALS where there are none, or wrong ones; FORBIDDEN for credentials of the other kind
 */
export function callerOf({ policy, request, requestId, operatorTokens }: CallerAsk): Actor {
  const operator = operatorBy(request.headers.authorization, operatorTokens);
  const agentId = agentBy(request.socket as TLSSocket);
  const allowed = policy === "operator" ? operator?.name : agentId;
  if (allowed) return { kind: policy, id: allowed, address: addressOf(request), requestId };
  if (operator === null && agentId === null)
    throw new RigError(
      "INVALID_CREDENTIALS",
      policy === "operator" ? "a bearer token is required" : "a client certificate of this platform is required",
    );
  throw new RigError("FORBIDDEN", `this route is for ${policy === "operator" ? "operators" : "agents"}`);
}

/** As people write it: a dual-stack socket says `::ffff:` before an IPv4 address. */
const addressOf = ({ socket }: IncomingMessage): string => (socket.remoteAddress ?? "").replace(/^::ffff:/, "");

function operatorBy(header: string | undefined, tokens: readonly OperatorToken[]): OperatorToken | null {
  if (header === undefined) return null;
  const token = BEARER.exec(header)?.[1];
  const operator = token === undefined ? null : findOperator(tokens, new Secret(token));
  if (operator === null) throw new RigError("INVALID_CREDENTIALS", "the bearer token is not valid");
  return operator;
}

/** The agent on a connection whose certificate our CA signed. A resumed session counts as authorized without one: hence both checks. */
function agentBy(socket: TLSSocket): string | null {
  if (!socket.encrypted || !socket.authorized) return null;
  const certificate = socket.getPeerX509Certificate();
  return certificate ? agentIdOf(certificate) : null;
}
