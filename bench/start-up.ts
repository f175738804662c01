import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { packageFile } from "../src/runtime/package-file.ts";
import { atMost, type Benchmark } from "./benchmark.ts";

const run = promisify(execFile);
const ROUNDS = 30;

/** How long `rig --help` takes against `node -e 0`, turn by turn, so that a busy machine burdens both. */
export const startUp: Benchmark = async (signal) => {
  const bare: number[] = [];
  const help: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await time(["-e", "0"], signal));
    help.push(await time([packageFile("bin/rig.js"), "--help"], signal));
  }
  return [atMost("rig --help", median(help), "ms", median(help) / median(bare), 1.8)];
};

async function time(args: readonly string[], signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  await run(process.execPath, args, { signal });
  return performance.now() - startedAt;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
