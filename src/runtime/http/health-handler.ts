import { type HealthPorts, healthAnswer } from "./health.ts";
import type { HttpHandler } from "./listen.ts";

/** Serves the health pages alone: GET and HEAD of `/heartbeat`, `/livez`, `/readyz`; 404 and 405 for the rest. */
export const healthHandler =
  (ports: HealthPorts): HttpHandler =>
  async (request, response) => {
    const answer = await healthAnswer((request.url ?? "/").split("?")[0] ?? "/", ports);
    const status = answer === null ? 404 : request.method === "GET" || request.method === "HEAD" ? answer.status : 405;
    const json = status === answer?.status ? JSON.stringify(answer.body) : "{}";
    response.writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(json),
      "cache-control": "no-store",
      ...(status === 405 ? { allow: "GET, HEAD" } : {}),
    });
    response.end(request.method === "HEAD" ? undefined : json);
  };
