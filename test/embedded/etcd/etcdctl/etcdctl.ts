import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { until } from "../../../support/until.ts";

/** The path of the installed etcdctl; null where there is none (Debian: `etcd-client`). */
export function etcdctlBinary(): string | null {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "etcdctl");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder: try the next one
    }
  }
  return null;
}

const PATIENCE = ["--dial-timeout=20s", "--command-timeout=20s"]; // its own are 2 s and 5 s, too short for a busy machine

/** How one call ended. */
export interface CtlEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A call that goes on until it is ended: a watch, a lock that is held. */
export interface CtlRun {
  stdout(): string;
  /** Waits until this was printed. */
  printed(words: string): Promise<void>;
  /** Interrupts it, as Ctrl-C does. */
  end(): Promise<CtlEnd>;
}

/** etcdctl against one store. */
export interface Etcdctl {
  run(args: readonly string[], input?: string): Promise<CtlEnd>;
  start(args: readonly string[]): CtlRun;
}

/** @param connect `--endpoints=…` and the flags for TLS */
export function etcdctl(binary: string, connect: readonly string[]): Etcdctl {
  const launch = (args: readonly string[], input: string | null) => {
    const child = spawn(binary, [...PATIENCE, ...connect, ...args], {
      env: { PATH: process.env.PATH, ETCDCTL_API: "3" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (bytes) => (stdout += bytes));
    child.stderr.on("data", (bytes) => (stderr += bytes));
    child.stdin.on("error", () => {}); // it may end before it has read all
    if (input !== null) child.stdin.end(input);
    const ended = new Promise<CtlEnd>((resolve) =>
      child.once("close", (code) => {
        process.off("exit", kill);
        resolve({ code, stdout, stderr });
      }),
    );
    return { child, ended, stdout: () => stdout };
  };
  return {
    run: (args, input = "") => launch(args, input).ended,
    start(args) {
      const { child, ended, stdout } = launch(args, null);
      return {
        stdout,
        printed: async (words) => {
          await until(() => stdout().includes(words), { what: `${words} from etcdctl ${args.join(" ")}` });
        },
        end: () => {
          child.kill("SIGINT");
          return ended;
        },
      };
    },
  };
}
