import { type HttpListener, listen } from "../runtime/http/listen.ts";
import type { TlsIdentity } from "../runtime/tls/credential.ts";
import { type AppOptions, serverApp } from "./app.ts";
import type { ServerServices } from "./server-services.ts";
import { streamService } from "./stream-service.ts";

const GRACE_MS = 5_000;

interface Address {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
}

export interface ServerOptions extends AppOptions {
  readonly api: Address;
  readonly tls: TlsIdentity;
  /** Where the stream service listens in plain HTTP: loopback, or behind a proxy. Null for nowhere. */
  readonly streamService: Address | null;
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
  const { clock, log, tls, graceMs = GRACE_MS } = options;
  const handler = serverApp(services, options);
  return {
    async run(signal, ready) {
      const open: HttpListener[] = [];
      try {
        const api = await listen({ ...options.api, tls, handler, clock, log });
        open.push(api);
        const viewers = options.streamService;
        const tokens = viewers
          ? await listen({ ...viewers, handler: streamService(services.viewerTokens, log), clock, log })
          : null;
        if (tokens) open.push(tokens);
        ready?.({ api: api.url, streamService: tokens?.url ?? null });
        await aborted(signal);
      } finally {
        await Promise.all(open.map((listener) => listener.close(graceMs)));
      }
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
