import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, type NginxRtmp, nginxFolder, startNginx } from "./nginx.ts";
import type { Program } from "./program.ts";
import type { RigPlatform } from "./rig-platform.ts";

/** An nginx-rtmp that rig attaches to: settings first, then the conf that `rig config nginx` makes of them. */
export interface AttachedNginx {
  /** The settings of a platform beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** Its folder goes when it stops. */
  start(rig: RigPlatform): Promise<Program>;
}

/** Chooses folder, ports and hook secret. */
export async function attachedNginx(nginx: NginxRtmp, signal: AbortSignal): Promise<AttachedNginx> {
  const runFolder = await nginxFolder();
  const callbackPort = String(await freePort());
  const secretFile = join(runFolder, "hook-secret");
  await writeFile(secretFile, `bench-${"x".repeat(40)}\n`, { mode: 0o600 });
  const env = {
    INGEST_KIND: "nginx",
    INGEST_PORT: String(await freePort()),
    INGEST_HOOK_PORT: String(await freePort()),
    INGEST_HOOK_SECRET_FILE: secretFile,
    NGINX_RUN_FOLDER: runFolder,
  };
  return {
    env,
    async start(rig) {
      const user = nginx.user ? ["--user", nginx.user] : [];
      const options = ["--module", nginx.module, ...user, "--callback-port", callbackPort];
      return startNginx(nginx, runFolder, await rig.run(["config", "nginx", ...options]), signal);
    },
  };
}
