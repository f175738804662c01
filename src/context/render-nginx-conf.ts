import type { Settings } from "../config/settings.ts";
import { invalidInput, RigError } from "../domain/errors.ts";
import type { Secret } from "../domain/secret.ts";
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
  checkPlain({ nginxRunFolder, hookSecret, module, user });
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

// What else may stand there would end a word of nginx.conf, or name a variable of nginx's.
const PLAIN_PATH = /^[\w./@+~-]+$/;
const PLAIN_NAMES = /^[\w-]+( [\w-]+)?$/;
const PLAIN_SECRET = /^[\w./+=~-]{16,256}$/;

interface Words {
  readonly nginxRunFolder: string;
  readonly hookSecret: Secret;
  readonly module: string | undefined;
  readonly user: string | undefined;
}

/** @throws RigError INVALID_SETTING, INVALID_INPUT for what nginx.conf cannot hold */
function checkPlain({ nginxRunFolder, hookSecret, module, user }: Words): void {
  const path = "must be a path of letters, digits and . _ - + @ ~ alone";
  if (!PLAIN_PATH.test(nginxRunFolder))
    throw new RigError("INVALID_SETTING", `nginxRunFolder ${path}, got ${JSON.stringify(nginxRunFolder)}`, {
      hint: "Set NGINX_RUN_FOLDER to another folder; nginx.conf cannot hold this one.",
    });
  if (!PLAIN_SECRET.test(hookSecret.open()))
    throw new RigError("INVALID_SETTING", "hookSecret must be 16-256 of letters, digits and . _ ~ + / = -", {
      hint: "`openssl rand -hex 24` makes a good one.",
    });
  if (module !== undefined && !PLAIN_PATH.test(module))
    throw invalidInput("--module", `${path}, got ${JSON.stringify(module)}`);
  if (user !== undefined && !PLAIN_NAMES.test(user))
    throw invalidInput("--user", `must be a user, or a user and a group, got ${JSON.stringify(user)}`);
}
