import {
  createServer,
  type ServerOptions as HttpServerOptions,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import { portTaken } from "../free-port.ts";
import type { Credential, TlsIdentity } from "../tls/credential.ts";
import { HANDSHAKE_MS, HTTP_LIMITS, MAX_CONNECTIONS, SILENT_SOCKET_MS } from "./http-limits.ts";
import { type OpenSockets, trackSockets } from "./open-sockets.ts";

/** Answers one request. What it throws becomes a 500 without detail and a log entry. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface ListenOptions {
  /** Address to bind: an IP address or `localhost`. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** The setting that says the port, for the error where it is taken. */
  readonly setting?: string;
  /** Without it: plain HTTP. With a CA clients may show a certificate; the handler asks the socket whether the CA signed it. */
  readonly tls?: ServerTls;
  readonly handler: HttpHandler;
  readonly clock: Clock;
  readonly log: Log;
  /** Default 4096. */
  readonly maxConnections?: number;
  /** Other times and sizes than HTTP_LIMITS. */
  readonly limits?: HttpServerOptions;
}

/** A server's own credential, and the CA of its clients' certificates where it asks for any. */
export type ServerTls = Credential & Partial<Pick<TlsIdentity, "ca">>;

/** A listening HTTP or HTTPS server. */
export interface HttpListener {
  /** `https://127.0.0.1:8443`, with the port that was really taken. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes no new connection, closes the idle ones, lets requests in flight finish for `graceMs` and then ends them.
   * Resolves when all are gone; safe to repeat; never rejects.
   */
  close(graceMs: number): Promise<void>;
}

/** @throws RigError PORT_IN_USE, or INVALID_SETTING for an address that is not this machine's */
export async function listen(options: ListenOptions): Promise<HttpListener> {
  const { host, port, tls, log } = options;
  const state = { isClosing: false };
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const server = tls ? createTlsServer({ ...limits, ...tlsOptions(tls) }) : createServer(limits);
  const sockets = trackSockets(server);
  server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  server.timeout = SILENT_SOCKET_MS;
  server.on("request", answer(options, sockets, state));
  server.on("clientError", refuse);
  server.on("tlsClientError", (error: Error) => log.debug({ reason: error.message }, "TLS handshake failed"));
  server.on("drop", () => log.warn({ host, port, maxConnections: server.maxConnections }, "too many connections"));
  await bind(server, options);
  server.on("error", (error) => log.error({ err: error }, "HTTP listener"));
  const { port: taken } = server.address() as AddressInfo;
  let closed: Promise<void> | null = null;
  return {
    url: `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    port: taken,
    close(graceMs) {
      state.isClosing = true;
      sockets.answers().forEach(sayGoodbye);
      closed ??= closeWithin(server, sockets, graceMs, options.clock);
      return closed;
    },
  };
}

const tlsOptions = ({ certificate, privateKey, ca }: ServerTls) =>
  ({
    cert: certificate,
    key: privateKey.open(),
    ...(ca === undefined ? {} : { ca, requestCert: true }),
    rejectUnauthorized: false, // those with a bearer token have no certificate; the routes decide
    minVersion: "TLSv1.2",
    handshakeTimeout: HANDSHAKE_MS,
  }) as const;

function sayGoodbye(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}

/** Wraps the handler so that nothing it throws leaves the request, and so that a closing server ends its connections. */
function answer(
  { handler, log }: ListenOptions,
  sockets: OpenSockets,
  state: { readonly isClosing: boolean },
): RequestListener {
  return (request, response) => {
    const onItsWay = sockets.begin(response);
    if (state.isClosing) sayGoodbye(response);
    response.once("close", () => {
      onItsWay.done();
      if (state.isClosing) setImmediate(() => sockets.closeIdle()); // its headers may have promised to keep it alive
    });
    response.on("error", () => {}); // the client left: 'close' follows
    run(handler, request, response).catch((error: unknown) => {
      log.error({ err: error }, "request failed");
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { connection: "close" }).end();
    });
  };
}

async function run(handler: HttpHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await handler(request, response);
}

/** What cannot be parsed, or took too long, gets a bare answer and a closed connection. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

function bind(server: Server, { host, port, setting = "the port" }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") void portTaken({ port, host, setting }, error).then(reject);
      else
        reject(new RigError("INVALID_SETTING", `cannot listen on ${host}:${port}: ${error.message}`, { cause: error }));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

async function closeWithin(server: Server, sockets: OpenSockets, graceMs: number, clock: Clock): Promise<void> {
  const gone = new AbortController();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      gone.abort();
      resolve();
    });
  });
  sockets.closeIdle();
  await clock.sleep(graceMs, gone.signal);
  sockets.closeAll();
  await closed;
}
