import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RelayStatus } from "../../src/domain/relay.ts";

/** The executable of this checkout. */
export const RIG: string = fileURLToPath(new URL("../../bin/rig.js", import.meta.url));

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

/** rig's command line over one platform. */
export interface RigCommands {
  /** Runs `rig ARGS`; never rejects. `input` goes to its stdin. */
  run(args: readonly string[], input?: string): Promise<CommandEnd>;
  /** Runs `rig ARGS --json`, and fails where it fails. */
  json<T>(args: readonly string[], input?: string): Promise<T>;
  /** A new user with one stream. */
  addStream(username?: string): Promise<NewStream>;
  addDestination(streamId: string, url: string, key?: string): Promise<string>;
  stream(streamId: string): Promise<ListedStream>;
}

let users = 0;

/** Nobody else's in this file. */
export const someUsername = (): string => `user-${++users}`;

/** Commands that run in `folder` with nothing in their environment but `environment`. */
export function rigCommands(environment: NodeJS.ProcessEnv, folder: string): RigCommands {
  const run: RigCommands["run"] = (args, input = "") =>
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
  return {
    run,
    json,
    async addStream(username = someUsername()) {
      await json(["users", "add", username, "--email", `${username}@example.com`]);
      return json<NewStream>(["streams", "add", "--user", username, "--title", `show of ${username}`]);
    },
    async addDestination(streamId, url, key = "destination-key") {
      const added = await json<{ id: string }>(["destinations", "add", streamId, "--url", url, "--key-file", "-"], key);
      return added.id;
    },
    async stream(streamId) {
      const all = await json<ListedStream[]>(["streams", "list"]);
      const found = all.find(({ id }) => id === streamId);
      if (!found) throw new Error(`no stream ${streamId}`);
      return found;
    },
  };
}
