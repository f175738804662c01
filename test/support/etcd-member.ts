import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One etcd process on loopback, with a folder of its own, that can be killed, started again and frozen. */
export interface EtcdMember {
  /** `host:port`, without a scheme. */
  readonly endpoint: string;
  /** Asks its HTTP gateway, such as `maintenance/status`; rejects where it does not answer within 2 s. */
  ask(path: string, body?: object): Promise<Record<string, unknown>>;
  /** Starts the process over what is in its folder; resolves at once, healthy or not. */
  start(): void;
  /** Rejects where it ended, or is not healthy in time. */
  healthy(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. Its folder stays. */
  kill(): Promise<void>;
  /** Stops it as it is; resolves when no thread of it runs any more. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Kills it and removes its folder. Safe to repeat. */
  remove(): Promise<void>;
}

/** Where a member stands in its cluster. */
export interface EtcdMemberPlace {
  readonly binary: string;
  readonly name: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Serves `/health` without TLS where the member's clients need certificates, which `extraArguments` name; else null. */
  readonly healthPort: number | null;
  /** `name=http://host:port` of all members, separated by commas. */
  readonly cluster: string;
  readonly extraArguments: readonly string[];
}

const START_LIMIT_MS = 40_000; // of a machine that is busy

/** A member that is not started yet. */
export async function etcdMember(place: EtcdMemberPlace): Promise<EtcdMember> {
  const folder = await mkdtemp(join(tmpdir(), "rig-etcd-"));
  const url = `${place.healthPort === null ? "http" : "https"}://127.0.0.1:${place.clientPort}`;
  const health = place.healthPort === null ? url : `http://127.0.0.1:${place.healthPort}`;
  let process: EtcdProcess | null = null;
  const kill = async () => {
    await process?.kill();
    process = null;
  };
  return {
    endpoint: `127.0.0.1:${place.clientPort}`,
    async ask(path, body = {}) {
      const signal = AbortSignal.timeout(2_000);
      const answer = await fetch(`${url}/v3/${path}`, { method: "POST", body: JSON.stringify(body), signal });
      if (!answer.ok) throw new Error(`etcd answers ${answer.status} to ${path}: ${await answer.text()}`);
      return (await answer.json()) as Record<string, unknown>;
    },
    start() {
      process = startProcess(place, url, folder);
    },
    healthy: () => healthy(process as EtcdProcess, health),
    kill,
    freeze: () => freeze((process as EtcdProcess).child),
    thaw: () => void process?.child.kill("SIGCONT"),
    async remove() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface EtcdProcess {
  readonly child: ChildProcess;
  log(): string;
  kill(): Promise<void>;
}

function startProcess(place: EtcdMemberPlace, client: string, folder: string): EtcdProcess {
  const peer = `http://127.0.0.1:${place.peerPort}`;
  const child = spawn(
    place.binary,
    [
      ...["--name", place.name, "--data-dir", folder, "--logger", "zap", "--log-outputs", "stderr"],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...(place.healthPort === null ? [] : ["--listen-metrics-urls", `http://127.0.0.1:${place.healthPort}`]),
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", place.cluster],
      ...place.extraArguments,
    ],
    { stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env.PATH ?? "", ETCD_UNSUPPORTED_ARCH: "arm64" } },
  );
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  return {
    child,
    log: () => log,
    async kill() {
      process.off("exit", killWithUs);
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A stop signal reaches each thread by itself: until the last has it, the process goes on answering. */
async function freeze(child: ChildProcess): Promise<void> {
  child.kill("SIGSTOP");
  const threads = `/proc/${child.pid}/task`;
  if (!existsSync(threads)) return;
  for (const thread of readdirSync(threads))
    while (runs(`${threads}/${thread}/stat`)) await new Promise<void>((wake) => setTimeout(wake, 5));
}

function runs(stat: string): boolean {
  try {
    return !/\) [Tt] /.test(readFileSync(stat, "utf8"));
  } catch {
    return false; // it has ended meanwhile
  }
}

async function healthy({ child, log }: EtcdProcess, url: string): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`etcd ended at its start: ${log()}`);
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (answer?.ok && (await answer.text()).includes("true")) return;
    if (performance.now() > deadline) throw new Error(`etcd not healthy within ${START_LIMIT_MS} ms: ${log()}`);
    await new Promise<void>((wake) => setTimeout(wake, 50));
  }
}
