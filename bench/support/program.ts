import { type SpawnOptions, spawn } from "node:child_process";

/** A program that a benchmark runs beside itself. */
export interface Program {
  readonly pid: number;
  hasEnded(): boolean;
  /** Kills it and resolves once it has ended. Safe to repeat. */
  stop(): Promise<void>;
}

/** Starts a program. @throws the error of a program that cannot be started */
export async function startProgram(
  path: string,
  args: readonly string[],
  { stdio = "ignore", detached = false }: Pick<SpawnOptions, "stdio" | "detached"> = {},
): Promise<Program> {
  const child = spawn(path, args, { stdio, detached });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  return {
    pid: child.pid ?? 0,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill("SIGTERM");
      const kill = setTimeout(() => child.kill("SIGKILL"), 2_000);
      await ended;
      clearTimeout(kill);
    },
  };
}

/** Everything that a benchmark has started, stopped in the opposite order whatever became of it. */
export async function withPrograms<T>(
  run: (keep: <P extends { stop(): Promise<void> }>(program: P) => P) => Promise<T>,
): Promise<T> {
  const kept: { stop(): Promise<void> }[] = [];
  try {
    return await run((program) => {
      kept.unshift(program);
      return program;
    });
  } finally {
    for (const program of kept) await program.stop();
  }
}
