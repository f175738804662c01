import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import { systemClock } from "../runtime/clock.ts";
import { tokensRole } from "../server/tokens-role.ts";
import type { Coordination } from "./coordination.ts";
import { type RunningRole, startRole } from "./running-role.ts";
import { serveAndSweep } from "./viewer-sweep.ts";
import { etcdProbe, viewerTokensIn } from "./viewer-tokens.ts";

interface TokensPlaces {
  readonly coordination: Coordination;
  readonly settings: Settings;
  readonly log: Log;
}

/** Starts the stream service alone; resolves when it listens. */
export function startTokens({
  coordination: { etcd },
  settings,
  log,
}: TokensPlaces): Promise<RunningRole<{ readonly streamService: string }>> {
  const role = tokensRole(viewerTokensIn(etcd, settings), {
    address: { host: "127.0.0.1", port: settings.streamServicePort },
    probes: [etcdProbe(etcd)],
    clock: systemClock,
    log,
  });
  return startRole("stream service", (ready, signal) =>
    serveAndSweep({ etcd, settings, log }, () => role.run(signal, (url) => ready({ streamService: url }))),
  );
}
