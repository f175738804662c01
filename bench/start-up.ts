import { systemClock } from "../src/runtime/clock.ts";
import { atMost, type Benchmark, type BenchRow, noted, within } from "./benchmark.ts";
import { endedChildrenCpuMs, residentMib } from "./support/process-cost.ts";
import { withPrograms } from "./support/program.ts";
import { type RigPlatform, rigPlatform } from "./support/rig-platform.ts";

const ROUNDS = 20;
const SETTLE_MS = 10_000; // what a start has left behind is collected by then
const COMMANDS = [
  { name: "rig --help", args: ["--help"], limit: 1.8 },
  { name: "rig users list (PostgreSQL)", args: ["users", "list"], limit: 2.5 },
  { name: "rig streams list (PostgreSQL and etcd)", args: ["streams", "list"], limit: 4.5 },
];

/**
 * What commands cost before they do anything, in CPU time against `node -e 0`, turn by turn; how long a platform takes
 * to start and to stop, and the memory of one that does nothing.
 */
export const startUp: Benchmark = (signal) =>
  withPrograms(async (keep) => {
    const rig = keep(await rigPlatform());
    const first = await elapsed(() => rig.up());
    const commands = await measureCommands(rig, signal);
    const down = await elapsed(() => rig.run(["down"]));
    const second = await elapsed(() => rig.up());
    await systemClock.sleep(SETTLE_MS, signal);
    const memory = residentMib(await rig.pid());
    return [
      ...commands,
      within("rig up, on an empty data folder", first / 1000, "s", 30),
      within("rig down", down / 1000, "s", 10),
      within("rig up, once more", second / 1000, "s", 5),
      within("idle platform, the Node process", memory, "MiB", 200),
    ];
  });

/** Both figures are means: many runs make up for the coarse count of CPU time. */
async function measureCommands(rig: RigPlatform, signal: AbortSignal): Promise<BenchRow[]> {
  const bare = { cpu: 0, wall: 0 };
  const sums = COMMANDS.map(() => ({ cpu: 0, wall: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    signal.throwIfAborted();
    await add(bare, () => rig.node(["-e", "0"])); // in the same environment, which has its say in what a start costs
    for (const [index, sum] of sums.entries()) await add(sum, () => rig.run(COMMANDS[index]?.args ?? []));
  }
  const rows = COMMANDS.flatMap(({ name, limit }, index) => {
    const { cpu, wall } = sums[index] ?? bare;
    return [
      atMost(`${name}, CPU`, cpu / ROUNDS, "ms", cpu / bare.cpu, limit),
      { ...noted(`${name}, from start to end`, wall / ROUNDS, "ms"), ratio: wall / bare.wall },
    ];
  });
  return [noted("node -e 0, CPU", bare.cpu / ROUNDS, "ms"), ...rows];
}

async function add(sum: { cpu: number; wall: number }, run: () => Promise<unknown>): Promise<void> {
  const before = endedChildrenCpuMs();
  sum.wall += await elapsed(run);
  sum.cpu += endedChildrenCpuMs() - before;
}

async function elapsed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = systemClock.monotonic();
  await run();
  return systemClock.monotonic() - startedAt;
}
