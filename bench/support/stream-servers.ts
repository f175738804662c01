import { type ChildProcess, fork, spawn } from "node:child_process";
import { packageFile } from "../../src/runtime/package-file.ts";

/** A stream service in a process of its own. */
export interface StreamServer {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** `rig server --only tokens` with tokens that live for an hour, over the stores that `env` names. */
export async function startRigTokens(env: Readonly<Record<string, string>>): Promise<StreamServer> {
  const child = spawn(process.execPath, [packageFile("bin/rig.js"), "server", "--only", "tokens"], {
    env: { PATH: process.env.PATH, LOG_LEVEL: "info", STREAM_SERVICE_PORT: "0", STREAM_EXPIRY: "3600", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`rig server --only tokens ended:\n${text}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes) => {
        text += bytes;
        const [line] = /^.*stream service serves.*$/m.exec(text) ?? [];
        if (line) resolve((JSON.parse(line) as { streamService: string }).streamService);
      });
  });
  return running(child, url);
}

/** The plain Koa and ioredis service. */
export async function startKoaRedis(redisUrl: string): Promise<StreamServer> {
  const child = fork(packageFile("dist/bench/peers/koa-redis-service.js"), [redisUrl]);
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (said: { port: number }) => resolve(said.port));
    child.once("exit", () => reject(new Error("the Koa service ended")));
  });
  return running(child, `http://127.0.0.1:${port}`);
}

function running(child: ChildProcess, url: string): StreamServer {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    ...{ pid: child.pid ?? 0, url },
    async stop() {
      child.kill("SIGTERM");
      const kill = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(kill);
    },
  };
}
