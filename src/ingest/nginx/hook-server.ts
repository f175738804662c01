import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Secret } from "../../domain/secret.ts";
import { parseHookForm } from "./hook-form.ts";

/** What the callback server answers: 204 to go on, 403 to refuse, or 302 with the stream's new name. */
export type HookAnswer = { readonly status: 204 | 403 } | { readonly status: 302; readonly location: string };

/** Called for each callback with nginx's secret. `signal` aborts when nginx no longer waits for the answer. */
export type HookHandler = (
  call: string,
  form: ReadonlyMap<string, string>,
  signal: AbortSignal,
) => Promise<HookAnswer> | HookAnswer;

export interface HookServer {
  readonly port: number;
  /** Resolves when the last callback was answered. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024; // nginx-rtmp's own fields are bounded, the publisher's arguments have 256 bytes
const REQUEST_MS = 10_000;

/**
 * Listens on loopback for nginx's callbacks. POST with the right `X-Rig-Hook` only; nothing of a callback is ever logged.
 * @throws the system's error where the port is taken
 */
export async function listenForHooks(
  { port, secret }: { readonly port: number; readonly secret: Secret },
  handle: HookHandler,
): Promise<HookServer> {
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: REQUEST_MS }, (request, response) => {
    answer(request, response, secret, handle).catch(() => response.destroy()); // a broken connection; nginx sees a 502
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : port, close: () => closeServer(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  secret: Secret,
  handle: HookHandler,
): Promise<void> {
  const over = new AbortController();
  response.once("close", () => over.abort());
  const reply = (status: number, headers: Record<string, string> = {}) => {
    response.writeHead(status, { ...headers, "content-length": "0" }).end();
  };
  if (request.method !== "POST") return reply(405, { allow: "POST", connection: "close" });
  if (!isSame(request.headers["x-rig-hook"], secret)) return reply(403, { connection: "close" });
  const body = await readBody(request);
  const form = body === null ? null : parseHookForm(body);
  if (form === null) return reply(400, { connection: "close" });
  const call = /^\/(?:hook|soft)\/(on_publish|on_publish_done|on_play)$/.exec(request.url ?? "")?.[1];
  if (call === undefined) return reply(404);
  const result = await handle(call, form, over.signal);
  if (response.destroyed) return;
  reply(result.status, result.status === 302 ? { location: result.location } : {});
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** In constant time, whatever the lengths. */
const isSame = (given: string | string[] | undefined, secret: Secret): boolean =>
  typeof given === "string" && timingSafeEqual(digest(given), digest(secret.open()));

/** null where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
