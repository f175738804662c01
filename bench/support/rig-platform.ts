import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RigStatus } from "../../src/domain/rig-status.ts";
import { packageFile } from "../../src/runtime/package-file.ts";

/** A stream with its key, as `rig streams add --json` gives it. */
export interface BenchStream {
  readonly id: string;
  readonly streamKey: string;
}

/** What `rig streams show --json` says of a stream, as far as benchmarks look. */
export interface ShownStream {
  readonly live: boolean;
  readonly relays: readonly { readonly state: string }[];
}

/** `rig` in a data folder and on ports of its own. */
export interface RigPlatform {
  readonly folder: string;
  /** Of the last `up`. */
  status(): Promise<RigStatus>;
  pid(): Promise<number>;
  /** Runs `node ARGS` in the environment in which `run` runs rig. */
  node(args: readonly string[], input?: string): Promise<string>;
  /** Runs `rig ARGS`. @returns what it printed. @throws Error with what it said where it failed */
  run(args: readonly string[], input?: string): Promise<string>;
  up(): Promise<void>;
  /** A new user's stream to these destinations. */
  addStream(destinations: readonly string[]): Promise<BenchStream>;
  /** What a stream does now. */
  stream(id: string): Promise<ShownStream>;
  /** `rig down`, and the folder is gone. */
  stop(): Promise<void>;
}

const PORTS = ["SERVER", "STREAM_SERVICE", "AGENT", "INGEST", "ETCD", "DATABASE"];

/** Makes ready what `up` starts; `env` holds settings beside the ports, which are free ones. */
export async function rigPlatform(env: Readonly<Record<string, string>> = {}): Promise<RigPlatform> {
  const folder = await mkdtemp(join(tmpdir(), "rig-bench-"));
  const dataFolder = join(folder, ".rig");
  const ports = Object.fromEntries(PORTS.map((name) => [`${name}_PORT`, "0"]));
  const environment = { PATH: process.env.PATH, HOME: folder, RIG_DATA: dataFolder, ...ports, ...env };
  let users = 0;

  const node: RigPlatform["node"] = (args, input = "") =>
    new Promise((resolve, reject) => {
      const options = { env: environment, cwd: folder, maxBuffer: 64 * 1024 * 1024 };
      const child = execFile(process.execPath, args, options, (error, out, said) =>
        error ? reject(new Error(`${args.join(" ")}: ${said}`, { cause: error })) : resolve(out),
      );
      child.stdin?.end(input);
    });
  const run: RigPlatform["run"] = (args, input) => node([packageFile("bin/rig.js"), ...args], input);
  const json = async <T>(args: readonly string[], input?: string): Promise<T> =>
    JSON.parse(await run([...args, "--json"], input));
  const state = async (): Promise<{ owner: { pid: number }; state: RigStatus }> =>
    JSON.parse(await readFile(join(dataFolder, "state.json"), "utf8"));

  return {
    folder,
    node,
    run,
    status: async () => (await state()).state,
    pid: async () => (await state()).owner.pid,
    up: async () => void (await run(["up", "--detach"])),
    async addStream(destinations) {
      const name = `bench-${++users}`;
      await json(["users", "add", name, "--email", `${name}@example.com`]);
      const stream = await json<BenchStream>(["streams", "add", "--user", name, "--title", name]);
      for (const [index, url] of destinations.entries())
        await json(["destinations", "add", stream.id, "--url", url, "--key-file", "-"], `${name}-${index}`);
      return stream;
    },
    stream: (id) => json(["streams", "show", id]),
    async stop() {
      if (existsSync(join(dataFolder, "state.json"))) await run(["down"]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
