import { systemClock } from "../../src/runtime/clock.ts";
import { cpuMs } from "./process-cost.ts";

/** Percent of a core that each group of process trees uses, all over the same time. */
export async function percentOfCore<G extends string>(
  groups: Readonly<Record<G, readonly number[]>>,
  ms: number,
  signal: AbortSignal,
): Promise<Record<G, number>> {
  const names = Object.keys(groups) as G[];
  const read = () => names.map((name) => cpuMs(...groups[name]));
  const startedAt = systemClock.monotonic();
  const before = read();
  await systemClock.sleep(ms, signal);
  signal.throwIfAborted();
  const after = read();
  const elapsedMs = systemClock.monotonic() - startedAt;
  const shares = names.map((name, index) => [name, (((after[index] ?? 0) - (before[index] ?? 0)) / elapsedMs) * 100]);
  return Object.fromEntries(shares);
}
