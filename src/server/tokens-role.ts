import type { HealthPorts } from "../runtime/http/health.ts";
import { listen } from "../runtime/http/listen.ts";
import { type AppOptions, tokensApp } from "./app.ts";
import { GRACE_MS, serveUntil } from "./serve-until.ts";
import type { StreamServices } from "./server-services.ts";
import { type StreamPlace, streamListener } from "./stream-listener.ts";

interface TokensOptions extends AppOptions, HealthPorts {
  readonly place: StreamPlace;
  /** Default 5,000. */
  readonly graceMs?: number;
}

export interface TokensRole {
  /** Serves until aborted; `ready` gets the URL once it listens. @throws RigError PORT_IN_USE, INVALID_SETTING */
  run(signal: AbortSignal, ready?: (url: string) => void): Promise<void>;
}

/** Opens the stream service's own port. @throws RigError PORT_IN_USE, INVALID_SETTING */
export function openStreamService(services: StreamServices, place: StreamPlace, options: AppOptions) {
  const { clock, log } = options;
  const ports = { ...options, ...services, tokensApi: tokensApp(services.viewers, options) };
  const { host, port, tls } = place;
  const setting = "streamServicePort";
  return listen({ host, port, setting, ...(tls && { tls }), handler: streamListener(ports, place), clock, log });
}

/** `rig server --only tokens`: the stream service, `/v1/tokens`, the health pages and the metrics, nothing else. */
export function tokensRole(services: StreamServices, options: TokensOptions): TokensRole {
  const { place, graceMs = GRACE_MS } = options;
  return {
    run: (signal, ready) =>
      serveUntil([() => openStreamService(services, place, options)], ([url = ""]) => ready?.(url), {
        signal,
        graceMs,
      }),
  };
}
