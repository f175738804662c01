import { listen } from "../runtime/http/listen.ts";
import type { TlsIdentity } from "../runtime/tls/credential.ts";
import { type AppOptions, serverApp } from "./app.ts";
import { type Address, GRACE_MS, serveUntil } from "./serve-until.ts";
import type { ServerServices } from "./server-services.ts";
import type { StreamPlace } from "./stream-listener.ts";
import { openStreamService } from "./tokens-role.ts";

export interface ServerOptions extends AppOptions {
  readonly api: Address;
  readonly tls: TlsIdentity;
  /** Where the stream service listens in plain HTTP besides: loopback, or behind a proxy. Null for nowhere. */
  readonly streamService: StreamPlace | null;
  /** How long requests in flight may go on at the stop; default 5,000. */
  readonly graceMs?: number;
}

/** Where a running server is reached. */
export interface ServerUrls {
  readonly api: string;
  readonly streamService: string | null;
}

export interface ServerRole {
  /**
   * Serves until aborted; `ready` is called once it listens. Resolves when all connections have ended.
   * @throws RigError PORT_IN_USE, INVALID_SETTING
   */
  run(signal: AbortSignal, ready?: (urls: ServerUrls) => void): Promise<void>;
}

/** The controller: the HTTP API over TLS, and the stream service. @throws Error for a route without a policy or a handler */
export function serverRole(services: ServerServices, options: ServerOptions): ServerRole {
  const { api, tls, streamService: plain, clock, log, graceMs = GRACE_MS } = options;
  const handler = serverApp(services, options);
  const openers = [() => listen({ ...api, setting: "serverPort", tls, handler, clock, log })];
  if (plain) openers.push(() => openStreamService(services, plain, options));
  return {
    run: (signal, ready) =>
      serveUntil(openers, ([url = "", plainUrl = null]) => ready?.({ api: url, streamService: plainUrl }), {
        signal,
        graceMs,
      }),
  };
}
