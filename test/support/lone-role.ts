import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { RIG } from "./rig-commands.ts";
import { until } from "./until.ts";

/** A `rig ROLE` process with nothing in its environment but PATH and what a test gives it. */
export interface LoneRole {
  readonly child: ChildProcess;
  /** Everything that it has logged or printed. */
  output(): string;
  /** The log line that holds these words, as it was logged. */
  logged<T>(words: string): Promise<T>;
  /** Resolves with its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** SIGTERM; resolves with the exit code. Safe to repeat. */
  stop(): Promise<number | null>;
}

/** Starts one; stop it. */
export function startLoneRole(args: readonly string[], env: Record<string, string> = {}): LoneRole {
  const child = spawn(process.execPath, [RIG, ...args], {
    env: { PATH: process.env.PATH, ...env },
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (text += bytes));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const wholeLines = () => text.split("\n").slice(0, -1); // the last one may still be on its way
  return {
    child,
    ended,
    output: () => text,
    async logged<T>(words: string) {
      const line = await until(() => wholeLines().find((each) => each.includes(words)), {
        what: `${words} in ${args.join(" ")}'s log`,
      }).catch((error: Error) => Promise.reject(new Error(`${error.message}\n${text}`)));
      return JSON.parse(line) as T;
    },
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
