import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RigStatus } from "../../src/domain/rig-status.ts";
import { apiPayload } from "./ask-api.ts";
import { type ListedStream, type NewStream, type RigCommands, rigCommands, someUsername } from "./rig-commands.ts";
import { until } from "./until.ts";

/**
 * A platform started by `rig up --detach`, in a folder and on ports of its own. Its streams are added and asked after by HTTP: a
 * command costs half a second of CPU each time.
 */
export interface TestPlatform extends RigCommands {
  readonly folder: string;
  readonly status: RigStatus;
  /** The process of `rig up`. */
  pid(): Promise<number>;
  /** The log so far. */
  log(): Promise<string>;
  /** Starts it again on the same folder; ports may be others. */
  up(): Promise<void>;
  /** Kills everything that it left and removes the folder. */
  stop(): Promise<void>;
}

/** Starts a platform. `env` holds settings beside the ports, which are free ones. */
export async function startPlatform({ env = {} }: { env?: Record<string, string> } = {}): Promise<TestPlatform> {
  const folder = await mkdtemp(join(tmpdir(), "rig-platform-"));
  const data = join(folder, ".rig");
  const ports = ["SERVER", "STREAM_SERVICE", "WORKER", "AGENT", "INGEST", "ETCD", "DATABASE"].map((name) => [
    `${name}_PORT`,
    "0",
  ]);
  const environment = { PATH: process.env.PATH, HOME: folder, RIG_DATA: data, ...Object.fromEntries(ports), ...env };

  const commands = rigCommands(environment, folder);
  const stateFile = async () => JSON.parse(await readFile(join(data, "state.json"), "utf8"));
  const platform = {
    folder,
    status: {} as RigStatus,
    pid: async () => (await stateFile()).owner.pid as number,
    ...commands,
    async addStream(username = someUsername()): Promise<NewStream> {
      await apiPayload(platform, "POST", "/v1/users", { username, email: `${username}@example.com` });
      const order = { userId: username, title: `show of ${username}` };
      const { id, streamKey } = await apiPayload<NewStream>(platform, "POST", "/v1/streams", order);
      return { id, streamKey, publishUrl: platform.status.ingest.url };
    },
    async addDestination(streamId: string, url: string, key = "destination-key"): Promise<string> {
      const path = `/v1/streams/${streamId}/destinations`;
      return (await apiPayload<{ id: string }>(platform, "POST", path, { url, streamKey: key })).id;
    },
    async stream(streamId: string): Promise<ListedStream> {
      return apiPayload(platform, "GET", `/v1/streams/${streamId}`);
    },
    log: () => readFile(join(data, "logs", "rig.log"), "utf8").catch(() => ""),
    async up() {
      const { code, stderr } = await commands.run(["up", "--detach"]);
      if (code !== 0) throw new Error(`rig up ended with ${code}: ${stderr}\n${await platform.log()}`);
      platform.status = (await stateFile()).state as RigStatus;
    },
    async stop() {
      await commands.run(["down"]);
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
