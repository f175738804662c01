import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../domain/log.ts";
import { HEALTH_PATHS, type HealthPorts } from "../runtime/http/health.ts";
import { healthHandler } from "../runtime/http/health-handler.ts";
import type { HttpHandler, ServerTls } from "../runtime/http/listen.ts";
import type { ViewerTokens } from "../services/viewer-tokens.ts";
import { isLocalRequest } from "./local-request.ts";
import { isOperator, type OperatorToken } from "./operator-tokens.ts";
import { refusedPeers } from "./refused-peers.ts";
import type { Address } from "./serve-until.ts";
import { isForStreamService, pathOf, streamService } from "./stream-service.ts";

/** Where the stream service listens by itself. */
export interface StreamPlace extends Address {
  /** Null for plain HTTP. */
  readonly tls: ServerTls | null;
  /** Whether a peer of this address may ask for more than the health pages. */
  isTrusted(address: string | undefined): boolean;
  /** Whether proxies are declared: whoever comes from loopback may be passed on by one. */
  readonly isProxied?: boolean;
}

export interface StreamListenerPorts extends HealthPorts {
  readonly viewerTokens: ViewerTokens;
  /** Answers `/v1/tokens` and what is below. */
  readonly tokensApi: HttpHandler;
  /** The text of `/metrics`. */
  readonly metrics: () => string;
  /** Who may read the metrics from elsewhere than this machine. */
  readonly operatorTokens: readonly OperatorToken[];
  readonly log: Log;
}

/**
 * All that the stream service's own port answers: the first version's two paths on a bare handler, `/v1/tokens`,
 * `/metrics`, and the health pages, which alone are for everybody.
 */
export function streamListener(
  ports: StreamListenerPorts,
  { isTrusted, isProxied = false }: Pick<StreamPlace, "isTrusted" | "isProxied">,
): HttpHandler {
  const viewers = streamService(ports.viewerTokens, ports.log);
  const health = healthHandler(ports);
  const tellRefused = refusedPeers(ports);
  const mayRead = (request: IncomingMessage) =>
    (!isProxied && isLocalRequest(request)) || isOperator(request, ports.operatorTokens);
  return (request, response) => {
    const path = pathOf(request);
    if (HEALTH_PATHS.includes(path)) return health(request, response);
    const peer = request.socket.remoteAddress;
    if (!isTrusted(peer)) {
      tellRefused(peer);
      return answer(response, 403, "Forbidden");
    }
    if (isForStreamService(request)) return viewers(request, response);
    if (path === "/v1/tokens" || path.startsWith("/v1/tokens/")) return ports.tokensApi(request, response);
    if (path !== "/metrics") return viewers(request, response); // its 404
    if (request.method !== "GET") return answer(response, 405, "Method Not Allowed", { Allow: "GET" });
    if (!mayRead(request)) return answer(response, 401, "Unauthorized", { "WWW-Authenticate": "Bearer" });
    return answer(response, 200, ports.metrics(), METRICS);
  };
}

const METRICS = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" };

function answer(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    ...headers,
  });
  response.end(text);
}
