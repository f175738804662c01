import type { Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { embeddedIngest } from "../ingest/embedded/embedded-ingest.ts";
import { nginxIngest } from "../ingest/nginx/nginx-ingest.ts";
import { systemClock } from "../runtime/clock.ts";
import { systemIds } from "../runtime/ids.ts";
import type { Ingest } from "../services/ingest.ts";

/** The application that publishers push to: `live` in rtmp://host:port/live. */
export const INGEST_APP = "live";

/** The media server that the settings name. @throws RigError INVALID_SETTING */
export function openIngest(settings: Settings, log: Log): Ingest {
  const { ingestKind, ingestHost, ingestPort } = settings;
  if (ingestKind === "nginx") return attachNginx(settings, log);
  return embeddedIngest({
    listenHost: ingestHost,
    listenPort: ingestPort,
    app: INGEST_APP,
    instance: systemIds.ulid(),
    clock: systemClock,
    log,
  });
}

function attachNginx(
  { nginxRunFolder, hookSecret, hookPort, publishUrl, ingestHost, ingestPort }: Settings,
  log: Log,
): Ingest {
  if (nginxRunFolder === null || hookSecret === null)
    throw new RigError("INVALID_SETTING", "ingestKind nginx needs nginxRunFolder and hookSecret", {
      hint: "`rig config nginx` prints the nginx.conf that goes with them.",
    });
  return nginxIngest({
    publishUrl: publishUrl ?? `rtmp://${ingestHost}:${ingestPort}/${INGEST_APP}`,
    rtmpPort: ingestPort,
    app: INGEST_APP,
    runFolder: nginxRunFolder,
    hookListenPort: hookPort,
    hookSecret,
    clock: systemClock,
    log,
  });
}
