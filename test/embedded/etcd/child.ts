import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Runs TypeScript as it is. */
export const JITI: string = join(
  dirname(createRequire(import.meta.url).resolve("jiti/package.json")),
  "lib/jiti-cli.mjs",
);

/** A TypeScript file as a process of its own; it is killed with the test run at the latest. */
export interface Child {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  readonly lines: Interface;
  readonly ended: Promise<void>;
}

export function startChild(file: URL, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, [JITI, fileURLToPath(file), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      process.off("exit", kill);
      resolve();
    });
  });
  return { process: child, lines: createInterface({ input: child.stdout }), ended };
}
