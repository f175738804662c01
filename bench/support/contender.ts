import { fork } from "node:child_process";
import { packageFile } from "../../src/runtime/package-file.ts";
import type { Drained } from "./bench-queue.ts";
import type { Program } from "./program.ts";

/** A task queue in a process of its own, so that nobody pays for another's garbage. */
export interface Contender extends Program {
  fill(count: number): Promise<void>;
  drain(count: number): Promise<Drained>;
  latencies(count: number, everyMs: number): Promise<number[]>;
}

/** What a contender is asked; it answers `{ value }` or `{ error }`. */
export interface Asked {
  readonly what: "fill" | "drain" | "latencies";
  readonly numbers: readonly number[];
}

/** Starts the contender of this name (tasks-contender.ts) on its server. */
export async function startContender(name: string, url: string, workers = 1): Promise<Contender> {
  const child = fork(packageFile("dist/bench/tasks-contender.js"), [name, url, String(workers)]);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const answer = () =>
    new Promise<unknown>((resolve, reject) => {
      const onMessage = ({ value, error }: { value?: unknown; error?: string }) => {
        child.off("exit", onExit);
        if (error === undefined) resolve(value);
        else reject(new Error(`${name}: ${error}`));
      };
      const onExit = () => reject(new Error(`${name} ended early`));
      child.once("message", onMessage).once("exit", onExit);
    });
  const ask = async <T>(what: Asked["what"], ...numbers: number[]): Promise<T> => {
    const answered = answer();
    child.send({ what, numbers } satisfies Asked);
    return (await answered) as T;
  };
  await answer(); // it is open
  return {
    pid: child.pid ?? 0,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    fill: (count) => ask("fill", count),
    drain: (count) => ask("drain", count),
    latencies: (count, everyMs) => ask("latencies", count, everyMs),
    async stop() {
      if (child.connected) child.disconnect();
      const kill = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(kill);
    },
  };
}
