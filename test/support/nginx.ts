import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlSocket, nginxConf, pidFile } from "../../src/ingest/nginx/nginx-conf.ts";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

const MODULE_PATHS = ["/usr/lib/nginx/modules/ngx_rtmp_module.so", "/usr/lib64/nginx/modules/ngx_rtmp_module.so"];

// Debian's place for it is not on an ordinary user's PATH.
const NGINX = ["nginx", "/usr/sbin/nginx"].find((program) => !spawnSync(program, ["-v"]).error);

/** Path of nginx's rtmp module; null where nginx or the module is not installed. */
export function findNginxRtmp(): string | null {
  if (NGINX === undefined) return null;
  return MODULE_PATHS.find((path) => existsSync(path)) ?? null;
}

/** An nginx of one test, in a folder of its own. */
export interface TestNginx {
  readonly runFolder: string;
  readonly rtmpPort: number;
  readonly pid: number;
  /** What it wrote on stderr. */
  errors(): string;
  /** Kills it the hard way, children included. */
  kill(): Promise<void>;
  /** Safe to repeat. */
  stop(): Promise<void>;
}

/** nginx makes the file before it writes into it. */
const hasPid = (path: string): boolean => existsSync(path) && readFileSync(path, "utf8").trim() !== "";

const userOf = () => (process.getuid?.() === 0 ? "nobody nogroup" : null);

async function startNginx(rtmpPort: number, render: (runFolder: string) => string): Promise<TestNginx> {
  const runFolder = await mkdtemp(join(tmpdir(), "rig-nginx-"));
  const confPath = join(runFolder, "nginx.conf");
  await writeFile(confPath, render(runFolder), { mode: 0o600 });
  return runNginx({ runFolder, confPath, rtmpPort });
}

interface NginxPlace {
  /** Removed by `stop`. */
  readonly runFolder: string;
  readonly confPath: string;
  readonly rtmpPort: number;
  /** User and group that it runs as, where that is not our own. */
  readonly uid?: number;
}

/** Starts nginx from a configuration that is there already. */
export async function runNginx({ runFolder, confPath, rtmpPort, uid }: NginxPlace): Promise<TestNginx> {
  const args = ["-e", "stderr", "-p", runFolder, "-c", confPath, "-g", "daemon off;"];
  const child = spawn(NGINX ?? "nginx", args, {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-20_000);
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await until(() => child.exitCode !== null || (hasPid(pidFile(runFolder)) && isListening(rtmpPort)), {
    what: "nginx listens",
  });
  if (child.exitCode !== null) throw new Error(`nginx did not start: ${errors}`);
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    signalGroup(child, signal);
    await ended;
  };
  return {
    runFolder,
    rtmpPort,
    pid: child.pid ?? 0,
    errors: () => errors,
    kill: () => end("SIGKILL"),
    async stop() {
      await end("SIGTERM");
      await rm(runFolder, { recursive: true, force: true });
    },
  };
}

function signalGroup(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): void {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  process.kill(-child.pid, signal);
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

/** The documented nginx-rtmp, whose callbacks go to `agentPort`. null where it is not installed. */
export async function startNginxRtmp({ agentPort, hookSecret }: { agentPort: number; hookSecret: string }) {
  const modulePath = findNginxRtmp();
  if (!modulePath) return null;
  const [rtmpPort, hookPort] = [await freePort(), await freePort()];
  const nginx = await startNginx(rtmpPort, (runFolder) =>
    nginxConf({
      modulePath,
      user: userOf(),
      runFolder,
      bind: "127.0.0.1",
      rtmpPort,
      ipv6: false,
      app: "live",
      hookPort,
      agentUrl: `http://127.0.0.1:${agentPort}`,
      hookSecret,
    }),
  );
  return { ...nginx, hookPort };
}

/**
 * An nginx-rtmp without any callback, as a server that rig knows nothing of: `/live` to pull from, as on an edge, `/sink` and
 * `/deep/app` to push to. null where it is not installed.
 */
export async function startPlainNginxRtmp(): Promise<TestNginx | null> {
  const modulePath = findNginxRtmp();
  if (!modulePath) return null;
  const rtmpPort = await freePort();
  const user = userOf();
  return startNginx(
    rtmpPort,
    (
      runFolder,
    ) => `load_module ${modulePath}; ${user ? `user ${user};` : ""} worker_processes 1; pid ${pidFile(runFolder)};
error_log stderr error; events { worker_connections 512; }
rtmp { access_log off; server { listen 127.0.0.1:${rtmpPort}; max_streams 32;
  application live { live on; wait_key on; wait_video on; idle_streams on; }
  application sink { live on; } application deep/app { live on; } } }
http { access_log off; server { listen unix:${controlSocket(runFolder)};
  location = /stat { rtmp_stat all; } location /control { rtmp_control all; } } }
`,
  );
}
