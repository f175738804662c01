import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../src/embedded/postgres/start-embedded-postgres.ts";
import { commandLog } from "../../src/runtime/cli/command-log.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { findProgram } from "../../src/runtime/find-ffmpeg.ts";
import { freePort } from "./nginx.ts";
import { type Program, startProgram } from "./program.ts";
import { until } from "./until.ts";

/** A server on loopback with a temporary folder of its own, which goes when it stops; all of them write to disk in earnest. */
export interface BenchServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Redis that syncs its log before each answer. @throws Error where Debian's redis-server is not installed */
export async function startRedis(signal: AbortSignal): Promise<BenchServer> {
  const [folder, port] = [await mkdtemp(join(tmpdir(), "rig-bench-redis-")), await freePort()];
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const place = ["--dir", folder, "--bind", "127.0.0.1", "--port", String(port), "--logfile", "redis.log"];
  const server = await startProgram(program("redis-server"), [...durable, ...place]);
  await upOrSay("Redis", server, async () => (await log(folder, "redis.log")).includes("Ready to accept"), signal);
  return { url: `redis://127.0.0.1:${port}`, pid: server.pid, stop: () => stopped(server, folder) };
}

/** A real etcd, and how much is asked of it. */
export interface EtcdServer extends BenchServer {
  /** Requests so far: calls, and messages of streams. */
  requests(): Promise<number>;
}

/** One etcd member. @throws Error where Debian's etcd-server is not installed */
export async function startEtcd(signal: AbortSignal): Promise<EtcdServer> {
  const [folder, port, peerPort] = [
    await mkdtemp(join(tmpdir(), "rig-bench-etcd-")),
    await freePort(),
    await freePort(),
  ];
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  const server = await startProgram(program("etcd"), [
    ...["--name", "bench", "--data-dir", folder, "--logger", "zap", "--log-outputs", join(folder, "etcd.log")],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `bench=${peer}`],
  ]);
  const isHealthy = async () => (await (await fetch(`${client}/health`)).text()).includes("true");
  await upOrSay("etcd", server, () => isHealthy().catch(() => false), signal);
  return { url: client, pid: server.pid, requests: () => requestsOf(client), stop: () => stopped(server, folder) };
}

/** The embedded PostgreSQL, durable; the URL is its administrator's. */
export async function startPostgres(): Promise<BenchServer> {
  const [folder, port] = [await mkdtemp(join(tmpdir(), "rig-bench-pg-")), await freePort()];
  const server = await startEmbeddedPostgres({ folder, port, clock: systemClock, log: commandLog });
  const password = await readFile(server.passwordFile, "utf8");
  return {
    url: server.url.replace("rig@", `rig:${password}@`).replace(/\/rig$/, "/postgres"),
    pid: server.pid,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function program(name: string): string {
  const path = findProgram(name);
  if (!path) throw new Error(`${name} is not installed, and it is what this is measured against or on`);
  return path;
}

const log = (folder: string, name: string): Promise<string> => readFile(join(folder, name), "utf8").catch(() => "");

async function upOrSay(
  name: string,
  server: Program,
  isUp: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  await until(`${name} is up`, async () => server.hasEnded() || (await isUp()), signal);
  if (server.hasEnded()) throw new Error(`${name} did not start`);
}

async function stopped(server: Program, folder: string): Promise<void> {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

/** By etcd's own count, so that nobody's client can leave one out. */
async function requestsOf(client: string): Promise<number> {
  const metrics = await (await fetch(`${client}/metrics`)).text();
  return [...metrics.matchAll(/^grpc_server_msg_received_total\{.*\} (\S+)$/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
}
