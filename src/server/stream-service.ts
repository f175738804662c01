import type { IncomingMessage } from "node:http";
import { isRigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { HttpHandler } from "../runtime/http/listen.ts";
import type { ViewerAdmission, ViewerTokens } from "../services/viewer-tokens.ts";

interface Answer {
  readonly status: number;
  readonly type: "text/plain" | "application/json";
  readonly text: string;
}

const text = (status: number, body: string): Answer => ({ status, type: "text/plain", text: body });
const json = (status: number, body: object): Answer => ({
  status,
  type: "application/json",
  text: JSON.stringify(body),
});
const refusal = (status: number, code: number, message: string) => json(status, { errors: [{ code, message }] });

const PATHS = ["/", "/streams"];
const FAILED = refusal(500, 0, "An unexpected error occurred.");
const REFUSED = {
  "no session": refusal(401, 1, "No user session provided"),
  "limit reached": refusal(401, 2, "Exceeded number of allowed sessions"),
  "token expired": refusal(401, 3, "Token expired"),
} as const;

/** True for a request that is the stream service's, where it shares a listener. */
export const isForStreamService = (request: IncomingMessage): boolean => PATHS.includes(pathOf(request));

/** The stream service: `GET /` and `GET /streams`, byte for byte as its first version answered. Never throws. */
export function streamService(viewers: ViewerTokens, log: Log): HttpHandler {
  return async (request, response) => {
    const { status, type, text: body } = await answerTo(request, viewers, log);
    response.writeHead(status, {
      "Content-Type": `${type}; charset=utf-8`,
      "Content-Length": Buffer.byteLength(body),
      "Cache-Control": "no-store",
      ...(status === 405 ? { Allow: "GET" } : {}),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  };
}

async function answerTo(request: IncomingMessage, viewers: ViewerTokens, log: Log): Promise<Answer> {
  const path = pathOf(request);
  if (!PATHS.includes(path)) return text(404, "Not Found");
  if (request.method !== "GET") return text(405, "Method Not Allowed");
  if (path === "/") return text(200, "OK");
  const session = header(request, "x-stream-session");
  try {
    return answerFor(session, await viewers.admit(session, header(request, "x-stream-token") || null));
  } catch (error) {
    if (!isRigError(error)) log.error({ err: error }, "viewer token"); // its store's own failures are told there
    return FAILED;
  }
}

const answerFor = (session: string, admission: ViewerAdmission): Answer =>
  "token" in admission ? json(200, { session, token: admission.token }) : REFUSED[admission.answer];

/** The path of a request, without its query. Some proxies ask by the whole URL. */
export function pathOf({ url = "" }: IncomingMessage): string {
  const path = url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?]*(?=\/)/i, "");
  const end = path.indexOf("?");
  return end < 0 ? path : path.slice(0, end);
}

/** Each byte is a character, as the first version had it: what a client sends as UTF-8 is another name, yet always the same. */
const header = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
};
