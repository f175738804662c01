import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { HEALTH_PATHS, type HealthPorts } from "../runtime/http/health.ts";
import { healthHandler } from "../runtime/http/health-handler.ts";
import { type HttpHandler, listen } from "../runtime/http/listen.ts";
import type { ViewerTokens } from "../services/viewer-tokens.ts";
import { type Address, GRACE_MS, serveUntil } from "./serve-until.ts";
import { streamService } from "./stream-service.ts";

interface TokensOptions extends HealthPorts {
  readonly address: Address;
  readonly clock: Clock;
  readonly log: Log;
  /** Default 5,000. */
  readonly graceMs?: number;
}

export interface TokensRole {
  /** Serves until aborted; `ready` gets the URL once it listens. @throws RigError PORT_IN_USE, INVALID_SETTING */
  run(signal: AbortSignal, ready?: (url: string) => void): Promise<void>;
}

/** `rig server --only tokens`: the stream service and the health pages, nothing else. */
export function tokensRole(viewers: ViewerTokens, options: TokensOptions): TokensRole {
  const { address, clock, log, graceMs = GRACE_MS } = options;
  const tokens = streamService(viewers, log);
  const health = healthHandler(options);
  const handler: HttpHandler = (request, response) =>
    (HEALTH_PATHS.includes(request.url?.split("?")[0] ?? "") ? health : tokens)(request, response);
  return {
    run: (signal, ready) =>
      serveUntil([() => listen({ ...address, handler, clock, log })], ([url = ""]) => ready?.(url), {
        signal,
        graceMs,
      }),
  };
}
