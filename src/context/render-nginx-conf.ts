import type { Settings } from "../config/settings.ts";
import { invalidInput, RigError } from "../domain/errors.ts";
import { nginxConf } from "../ingest/nginx/nginx-conf.ts";
import { INGEST_APP } from "./open-ingest.ts";

interface Choices {
  /** nginx's own loopback port, through which its callbacks go; as typed. */
  readonly callbackPort: string;
  /** Path of ngx_rtmp_module.so, where it is not built in. */
  readonly module?: string;
  /** User and group of nginx's children, where root starts it. */
  readonly user?: string;
}

const EVERY_ADDRESS = "0.0.0.0";

/** The nginx.conf that goes with these settings. @throws RigError INVALID_SETTING, INVALID_INPUT */
export function renderNginxConf(settings: Settings, { callbackPort, module, user }: Choices): string {
  const { nginxRunFolder, hookSecret, hookPort, ingestHost, ingestPort } = settings;
  if (nginxRunFolder === null || hookSecret === null)
    throw new RigError("INVALID_SETTING", "nginxRunFolder and hookSecret must be set", {
      hint: "Set NGINX_RUN_FOLDER to a 0700 folder and INGEST_HOOK_SECRET_FILE to a file with a long random text.",
    });
  const port = Number(callbackPort);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw invalidInput("--callback-port", `must be a port from 1 to 65535, got ${JSON.stringify(callbackPort)}`);
  return nginxConf({
    modulePath: module ?? null,
    user: user ?? null,
    runFolder: nginxRunFolder,
    bind: ingestHost,
    rtmpPort: ingestPort,
    ipv6: ingestHost === EVERY_ADDRESS,
    app: INGEST_APP,
    hookPort: port,
    agentUrl: `http://127.0.0.1:${hookPort}`,
    hookSecret: hookSecret.open(),
  });
}
