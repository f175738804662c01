import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RelayStatus } from "../../src/domain/relay.ts";
import type { RigStatus } from "../../src/domain/rig-status.ts";
import { until } from "./until.ts";

const RIG = fileURLToPath(new URL("../../bin/rig.js", import.meta.url));

/** How a command ended. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stream with its key, as `rig streams add --json` gives it. */
export interface NewStream {
  readonly id: string;
  readonly streamKey: string;
  readonly publishUrl: string;
}

/** A stream as `rig streams list --json` shows it. */
export interface ListedStream {
  readonly id: string;
  readonly title: string;
  readonly live: boolean;
  readonly publish: {
    readonly id: string;
    readonly startedAt: string;
    readonly ingestBps: number;
    readonly agentId: string;
  } | null;
  readonly relays: readonly (Pick<
    RelayStatus,
    "destinationId" | "state" | "reason" | "attempt" | "egressBytes" | "bps"
  > & { readonly nextRetryAt: string | null })[];
}

/** A platform started by `rig up --detach`, in a folder and on ports of its own. */
export interface TestPlatform {
  readonly folder: string;
  readonly status: RigStatus;
  /** The process of `rig up`. */
  pid(): Promise<number>;
  /** Runs `rig ARGS`; never rejects. `input` goes to its stdin. */
  run(args: readonly string[], input?: string): Promise<CommandEnd>;
  /** Runs `rig ARGS --json`, and fails where it fails. */
  json<T>(args: readonly string[], input?: string): Promise<T>;
  /** A new user with one stream. */
  addStream(username?: string): Promise<NewStream>;
  addDestination(streamId: string, url: string, key?: string): Promise<string>;
  stream(streamId: string): Promise<ListedStream>;
  /** The log so far. */
  log(): Promise<string>;
  /** Starts it again on the same folder; ports may be others. */
  up(): Promise<void>;
  /** Kills everything that it left and removes the folder. */
  stop(): Promise<void>;
}

let users = 0;

/** Starts a platform. `env` holds settings beside the ports, which are free ones. */
export async function startPlatform({ env = {} }: { env?: Record<string, string> } = {}): Promise<TestPlatform> {
  const folder = await mkdtemp(join(tmpdir(), "rig-platform-"));
  const data = join(folder, ".rig");
  const ports = ["SERVER", "STREAM_SERVICE", "AGENT", "INGEST", "ETCD", "DATABASE"].map((name) => [
    `${name}_PORT`,
    "0",
  ]);
  const environment = { PATH: process.env.PATH, HOME: folder, RIG_DATA: data, ...Object.fromEntries(ports), ...env };

  const run: TestPlatform["run"] = (args, input = "") =>
    new Promise((resolve) => {
      const options = { env: environment, cwd: folder, maxBuffer: 64 * 1024 * 1024 };
      const child = execFile(process.execPath, [RIG, ...args], options, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
      child.stdin?.end(input);
    });
  const json = async <T>(args: readonly string[], input?: string): Promise<T> => {
    const { code, stdout, stderr } = await run([...args, "--json"], input);
    if (code !== 0) throw new Error(`rig ${args.join(" ")} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  const stateFile = async () => JSON.parse(await readFile(join(data, "state.json"), "utf8"));
  const platform = {
    folder,
    status: {} as RigStatus,
    pid: async () => (await stateFile()).owner.pid as number,
    run,
    json,
    async addStream(username = `user-${++users}`) {
      await json(["users", "add", username, "--email", `${username}@example.com`]);
      return json<NewStream>(["streams", "add", "--user", username, "--title", `show of ${username}`]);
    },
    async addDestination(streamId: string, url: string, key = "destination-key") {
      const added = await json<{ id: string }>(["destinations", "add", streamId, "--url", url, "--key-file", "-"], key);
      return added.id;
    },
    async stream(streamId: string) {
      const all = await json<ListedStream[]>(["streams", "list"]);
      const found = all.find(({ id }) => id === streamId);
      if (!found) throw new Error(`no stream ${streamId}`);
      return found;
    },
    log: () => readFile(join(data, "logs", "rig.log"), "utf8").catch(() => ""),
    async up() {
      const { code, stderr } = await run(["up", "--detach"]);
      if (code !== 0) throw new Error(`rig up ended with ${code}: ${stderr}\n${await platform.log()}`);
      platform.status = (await stateFile()).state as RigStatus;
    },
    async stop() {
      await run(["down"]);
      for (const pid of processesUnder(folder)) spawnSync("kill", ["-9", String(pid)]);
      await until(() => processesUnder(folder).length === 0, { what: "nothing of the platform runs" });
      await rm(folder, { recursive: true, force: true });
    },
  } satisfies TestPlatform;
  try {
    await platform.up();
  } catch (error) {
    await platform.stop();
    throw error;
  }
  return platform;
}

/** Processes whose command line or environment names the folder: rig, PostgreSQL and the relays of one platform. */
export function processesUnder(folder: string): number[] {
  const pids = spawnSync("ls", ["/proc"], { encoding: "utf8" }).stdout.split("\n").map(Number).filter(Boolean);
  return pids.filter((pid) => pid !== process.pid && ["cmdline", "environ"].some((name) => holds(pid, name, folder)));
}

function holds(pid: number, name: string, text: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1").includes(text);
  } catch {
    return false; // it has ended, or is somebody else's
  }
}

/** The relays' ffmpeg processes that pull from this platform's ingest; one destination's alone where it is named. */
export async function relayProcesses(
  { status }: { readonly status: Pick<RigStatus, "ingest"> },
  destinationId: string = "",
): Promise<number[]> {
  const { host } = new URL(status.ingest.url.replace(/^rtmp/, "http"));
  const pids = (await readdir("/proc")).map(Number).filter(Boolean);
  const words = [`-i\0rtmp://${host}/`, `?relay=${destinationId}`, "ffmpeg"]; // an encoder of a test pushes there
  return pids.filter((pid) => words.every((word) => holds(pid, "cmdline", word)) && !holds(pid, "cmdline", "setpriv"));
}
