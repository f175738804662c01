import { parseArgs } from "node:util";
import { printRows, type View } from "../src/runtime/cli/output.ts";
import { writeWord } from "../src/runtime/cli/write.ts";
import type { Benchmark, BenchRow } from "./benchmark.ts";

/** Every benchmark, by the name that `make bench args="NAME"` takes. */
const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  "streams-top": async () => (await import("./streams-top.ts")).streamsTop,
  "publish-latency": async () => (await import("./publish-latency.ts")).publishLatency,
  "relay-cpu": async () => (await import("./relay-cpu.ts")).relayCpu,
  store: async () => (await import("./store.ts")).store,
  tokens: async () => (await import("./tokens.ts")).tokens,
  "tokens-redis": async () => (await import("./tokens-redis.ts")).tokensRedis,
  "store-limits": async () => (await import("./store-limits.ts")).storeLimits,
  tasks: async () => (await import("./tasks.ts")).tasks,
  "stream-service": async () => (await import("./stream-service.ts")).streamService,
  "ingest-cpu": async () => (await import("./ingest-cpu.ts")).ingestCpu,
  "start-up": async () => (await import("./start-up.ts")).startUp,
};

const view: View<BenchRow> = {
  columns: [
    { head: "NAME", cell: ({ name }) => name },
    { head: "VALUE", cell: ({ value }) => (value < 1_000 ? value.toPrecision(4) : value.toFixed()), align: "right" },
    { head: "UNIT", cell: ({ unit }) => unit },
    { head: "RATIO", cell: ({ ratio }) => (ratio === null ? "-" : `${ratio.toFixed(2)}×`), align: "right" },
    { head: "GOAL", cell: ({ goal }) => goal },
    { head: "MET", cell: ({ met }) => (met ? "yes" : "NO") },
  ],
  json: (row) => row,
  name: ({ name }) => name,
};

const { values, positionals } = parseArgs({ options: { json: { type: "boolean" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  await writeWord(`no benchmark ${unknown.join(", ")}\nThere are: ${Object.keys(BENCHMARKS).join(", ")}\n`);
  process.exitCode = 2;
} else {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const rows: BenchRow[] = [];
  for (const [name, load] of Object.entries(BENCHMARKS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    await writeWord(`${name} …\n`);
    rows.push(...(await (await load())(stop.signal)));
  }
  await printRows(rows, view, values);
}
