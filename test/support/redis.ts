import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { findProgram } from "../../src/runtime/find-ffmpeg.ts";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

/** A real Redis that a test started for itself, on loopback, with a folder of its own; it syncs its log before each answer. */
export interface RealRedis {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly endpoint: string;
  readonly url: string;
  /** A client of the test's own, without anything of rig's around it. */
  readonly admin: Redis;
  /** SIGKILL; resolves when the process is gone. Its folder stays. */
  kill(): Promise<void>;
  /** Starts it again over what is in its folder; resolves when it answers. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Kills it and removes its folder. Safe to repeat. */
  stop(): Promise<void>;
}

interface RedisStart {
  readonly args?: readonly string[];
  /** How the test's own client gets in, where it is not as usual. */
  readonly admin?: object;
}

/** Null where it is not installed (Debian: `redis-server`). */
export const redisBinary = (): string | null => findProgram("redis-server");

const DURABLE = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];

/** Starts a Redis on a free port. @throws Error where it is not installed, or does not start */
export async function startRedis({ args = [], admin: adminOptions = {} }: RedisStart = {}): Promise<RealRedis> {
  const binary = redisBinary();
  if (binary === null) throw new Error("redis-server is not installed");
  const [folder, port] = [await mkdtemp(join(tmpdir(), "rig-redis-")), await freePort()];
  const place = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--logfile", join(folder, "log")];
  const admin = new Redis({ port, lazyConnect: true, retryStrategy: () => 50, protocol: 2, ...adminOptions });
  admin.on("error", () => {}); // tests stop it on purpose
  let child: ChildProcess | null = null;
  const killWithUs = () => void child?.kill("SIGKILL");
  process.once("exit", killWithUs);
  const kill = async () => {
    if (!child) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    child = null;
    await ended;
  };
  const start = async () => {
    child = spawn(binary, [...DURABLE, ...place, ...args], { stdio: "ignore" });
    let hasEnded = false;
    child.once("exit", () => {
      hasEnded = true;
    });
    const isUp = async () => hasEnded || (await admin.ping().catch(() => null)) === "PONG";
    await until(isUp, { what: "redis answers" });
    if (hasEnded)
      throw new Error(`redis did not start: ${await readFile(join(folder, "log"), "utf8").catch(() => "")}`);
  };
  await start();
  return {
    ...{ port, admin, kill, start },
    endpoint: `127.0.0.1:${port}`,
    url: `redis://127.0.0.1:${port}`,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    async stop() {
      admin.disconnect();
      await kill();
      process.off("exit", killWithUs);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
