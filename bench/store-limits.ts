import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Benchmark, median, noted, within } from "./benchmark.ts";
import { loadStore } from "./support/loaded-store.ts";

const MANY_KEYS = 1_000_000;
const KEYS = 100_000;
const RESTARTS = 3;
const WATCHERS = 10_000;
const SNAPSHOTS_SECONDS = 20;

/** How large the embedded store may get: memory, restart, pauses while it snapshots, watchers. Each in a fresh process. */
export const storeLimits: Benchmark = async (signal) => {
  const folder = await mkdtemp(join(tmpdir(), "rig-bench-store-"));
  const at = (name: string) => join(folder, name);
  try {
    const first = await loadStore(at("few"), "keys", KEYS, signal);
    const restarts = [];
    for (let n = 0; n < RESTARTS; n++) restarts.push(await loadStore(at("few"), "keys", 0, signal));
    const { without, during, snapshots } = await loadStore(at("few"), "snapshots", SNAPSHOTS_SECONDS, signal);
    const many = await loadStore(at("many"), "keys", MANY_KEYS, signal);
    const again = await loadStore(at("many"), "keys", 0, signal);
    const watchers = await loadStore(at("watched"), "watchers", WATCHERS, signal);
    return [
      within("1,000,000 keys of 100 B, resident", many.residentMib, "MiB", 1_000),
      noted("of it: the most while they were put", many.peakMib, "MiB"),
      noted("to put them, 64 in flight", many.ms / 1_000, "s"),
      within(
        "restart with 100,000 keys, process start included",
        median(restarts.map(({ openMs }) => openMs)) / 1_000,
        "s",
        2,
      ),
      noted("CPU time of it", median(restarts.map(({ openCpuMs }) => openCpuMs)) / 1_000, "s"),
      noted("restart with 1,000,000 keys", again.openMs / 1_000, "s"),
      noted("100,000 keys of 100 B, resident", first.residentMib, "MiB"),
      within("event loop held by the store while it snapshots, 64 writers", during.busyMs, "ms", 20),
      noted("of it by the clock, other programs included", during.gapMs, "ms"),
      noted("the same without snapshots: held", without.busyMs, "ms"),
      noted("the same without snapshots: by the clock", without.gapMs, "ms"),
      noted("snapshots of 100,000 keys meanwhile", snapshots, ""),
      { ...noted("puts meanwhile, beside puts without", during.puts, ""), ratio: during.puts / without.puts },
      noted("one put to 10,000 watches, among 20,000", watchers.toldMs, "ms"),
      noted("20,000 watches, resident", watchers.residentMib, "MiB"),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
