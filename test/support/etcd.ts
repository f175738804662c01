import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A real etcd that a test started for itself. */
export interface RealEtcd {
  /** `host:port`, without a scheme. */
  readonly endpoint: string;
  /** Stops it as it is; resolves when no thread of it runs any more. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends the process and removes its folder; resolves when both are gone. Safe to repeat. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 20_000;

/** The path of the installed etcd; null where there is none (Debian: `etcd-server`). */
export function etcdBinary(): string | null {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/bin"]) {
    const path = join(folder, "etcd");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder: try the next one
    }
  }
  return null;
}

/** Starts one etcd member on free loopback ports, in a temporary folder, without fsync. Null where etcd is not installed. */
export async function startEtcd(extraArguments: readonly string[] = []): Promise<RealEtcd | null> {
  const binary = etcdBinary();
  if (binary === null) return null;
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binary, extraArguments);
    } catch (error) {
      if (attempt === 3) throw error; // a free port may be taken by another between the look and the use
    }
  }
}

async function startOnce(binary: string, extraArguments: readonly string[]): Promise<RealEtcd> {
  const folder = await mkdtemp(join(tmpdir(), "rig-etcd-"));
  const [clientPort, peerPort] = await freePorts(2);
  const [client, peer] = [`http://127.0.0.1:${clientPort}`, `http://127.0.0.1:${peerPort}`];
  const child = spawn(
    binary,
    [
      ...["--name", "test", "--data-dir", folder, "--logger", "zap", "--log-outputs", "stderr"],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `test=${peer}`],
      ...extraArguments,
    ],
    { stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env.PATH ?? "", ETCD_UNSUPPORTED_ARCH: "arm64" } },
  );
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const stop = async () => {
    process.off("exit", killWithUs);
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await healthy(child, client);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint: `127.0.0.1:${clientPort}`,
    freeze: () => freeze(child),
    thaw: () => void child.kill("SIGCONT"),
    stop,
  };
}

/** A stop signal reaches each thread by itself: until the last has it, the process goes on answering. */
async function freeze(child: ChildProcess): Promise<void> {
  child.kill("SIGSTOP");
  const threads = `/proc/${child.pid}/task`;
  if (!existsSync(threads)) return;
  for (const thread of readdirSync(threads))
    while (!/\) [Tt] /.test(readFileSync(`${threads}/${thread}/stat`, "utf8")))
      await new Promise<void>((wake) => setTimeout(wake, 5));
}

async function healthy(child: ChildProcess, client: string): Promise<void> {
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000);
  });
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`etcd ended at its start: ${log}`);
    const answer = await fetch(`${client}/health`).catch(() => null);
    if (answer?.ok && (await answer.text()).includes("true")) return;
    if (performance.now() > deadline) throw new Error(`etcd not healthy within ${START_LIMIT_MS} ms: ${log}`);
    await new Promise<void>((wake) => setTimeout(wake, 50));
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise<void>((closed) => server.close(() => closed()))));
  return ports;
}
