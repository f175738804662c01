import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pidFile } from "../../src/ingest/nginx/nginx-conf.ts";
import { findProgram } from "../../src/runtime/find-ffmpeg.ts";
import { choosePort } from "../../src/runtime/free-port.ts";
import { type Program, startProgram } from "./program.ts";
import { until } from "./until.ts";

const MODULES = ["/usr/lib/nginx/modules/ngx_rtmp_module.so", "/usr/share/nginx/modules/ngx_rtmp_module.so"];
const PROGRAMS = ["nginx", "/usr/sbin/nginx"];

/** Debian's nginx with its rtmp module. */
export interface NginxRtmp {
  readonly program: string;
  readonly module: string;
  /** `user` of its conf; null where it is not started by root. */
  readonly user: string | null;
}

/** Null where it is not installed. */
export function findNginxRtmp(): NginxRtmp | null {
  const program = PROGRAMS.map(findProgram).find((path) => path !== null);
  const module = MODULES.find((path) => existsSync(path));
  return program && module ? { program, module, user: process.getuid?.() === 0 ? "nobody nogroup" : null } : null;
}

/** A folder as nginx's run folder. */
export const nginxFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "rig-bench-nginx-"));

/** A loopback port that is free now. */
export const freePort = (): Promise<number> =>
  choosePort({ port: 0, host: "127.0.0.1", explicit: false, setting: "port" });

/** Starts nginx with this conf in its run folder, which goes when it stops. */
export async function startNginx(
  { program }: NginxRtmp,
  runFolder: string,
  conf: string,
  signal: AbortSignal,
): Promise<Program> {
  const file = join(runFolder, "nginx.conf");
  await writeFile(file, conf, { mode: 0o600 });
  const nginx = await startProgram(program, ["-e", "stderr", "-p", runFolder, "-c", file, "-g", "daemon off;"]);
  const isUp = async () => nginx.hasEnded() || (await readFile(pidFile(runFolder), "utf8").catch(() => "")) !== "";
  await until("nginx is up", isUp, signal);
  if (nginx.hasEnded()) throw new Error(`nginx did not start with ${conf}`);
  return {
    ...nginx,
    async stop() {
      await nginx.stop();
      await rm(runFolder, { recursive: true, force: true });
    },
  };
}

/** nginx-rtmp without callbacks: `live` as the documented conf of an edge has it, `sink` takes what is pushed. */
export async function startPlainNginx(
  nginx: NginxRtmp,
  signal: AbortSignal,
): Promise<Program & { readonly port: number }> {
  const [runFolder, port] = [await nginxFolder(), await freePort()];
  const conf = `load_module ${nginx.module}; ${nginx.user ? `user ${nginx.user};` : ""} worker_processes 1;
pid ${pidFile(runFolder)}; error_log stderr error; events { worker_connections 4096; }
rtmp { access_log off; server {
  listen 127.0.0.1:${port}; max_streams 32; max_message 4M; chunk_size 4096;
  application live { live on; wait_key on; wait_video on; idle_streams on; meta copy; sync 100ms; }
  application sink { live on; }
} }
`;
  return { ...(await startNginx(nginx, runFolder, conf, signal)), port };
}
