import { EventEmitter } from "node:events";
import { Writable } from "node:stream";
import type { StreamStatus } from "../src/domain/live.ts";
import type { RelayState, RelayStatus } from "../src/domain/relay.ts";
import { prepareScreen } from "../src/runtime/cli/screen.ts";
import { systemClock } from "../src/runtime/clock.ts";
import type { Benchmark, BenchRow } from "./benchmark.ts";

const STREAMS = 10_000;
const INTERVAL_MS = 500; // 2 Hz
const WARM_UP_MS = 5000;
const MEASURED_MS = 20_000;
const GOAL_PERCENT = 15;
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
] as const;

/** What the screen of 10,000 live streams costs at 2 Hz, in percent of a core, while every line in sight changes. */
export const streamsTop: Benchmark = async (signal) => {
  prepareScreen();
  const { showStreamsTop } = await import("../src/tui/show-streams-top.tsx");
  const rounds = Array.from({ length: 4 }, (_, round) => liveStreams(round)); // made before: their making is not measured
  const rows: BenchRow[] = [];
  for (const size of SIZES) {
    const end = new AbortController();
    let loads = 0;
    const screen = showStreamsTop({
      load: async () => rounds[loads++ % rounds.length] ?? [],
      drop: async () => false,
      retry: async () => {},
      clock: systemClock,
      signal: AbortSignal.any([signal, end.signal]),
      stdin: silentKeyboard(),
      stdout: blackScreen(size),
      intervalMs: INTERVAL_MS,
    });
    await systemClock.sleep(WARM_UP_MS, signal);
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await systemClock.sleep(MEASURED_MS, signal);
    const { user, system } = process.cpuUsage(before);
    const percent = (user + system) / 10 / (performance.now() - startedAt);
    end.abort();
    await screen;
    rows.push({
      name: `streams top, ${STREAMS} streams at 2 Hz, ${size.columns}×${size.rows}`,
      value: percent,
      unit: "% of a core",
      ratio: null,
      goal: `≤ ${GOAL_PERCENT} %`,
      met: percent <= GOAL_PERCENT,
    });
  }
  return rows;
};

const relay = (id: string, round: number, state: RelayState): RelayStatus => ({
  destinationId: id,
  state,
  reason: state === "waiting" ? "connection refused" : null,
  attempt: 1,
  nextRetryAt: state === "waiting" ? systemClock.now() + 20_000 : null,
  egressBytes: 90_000_000 + round * 1_000_000,
  bps: 1_152_000 + round * 3000,
  speed: 1,
  lostFrames: 0,
  since: systemClock.now() - 100_000,
});

function liveStreams(round: number): StreamStatus[] {
  return Array.from({ length: STREAMS }, (_, index) => {
    const id = `01M81CQHD0DW3MEVGVZ13K${String(index).padStart(5, "0")}`;
    const relays = [
      relay(`${id}A`, round, "pushing"),
      relay(`${id}B`, round, "waiting"),
      relay(`${id}C`, round, "pushing"),
    ];
    const publish = {
      publishId: id,
      streamId: id,
      agentId: `edge-${index % 100}`,
      startedAt: systemClock.now() - 500_000,
      ingestBytes: 100_000_000 + round * 1_000_000,
      ingestBps: 1_100_000 + ((index * 7919 + round * 1000) % 100_000),
      lostFrames: 0,
      relays,
    };
    return { id, title: `Show ${index}`, username: `user${index % 1000}`, live: true, publish };
  });
}

/** A terminal that nobody looks at. */
const blackScreen = (size: { columns: number; rows: number }): NodeJS.WriteStream =>
  Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), {
    isTTY: true,
    ...size,
  }) as unknown as NodeJS.WriteStream;

/** A keyboard on which nobody types. */
const silentKeyboard = (): NodeJS.ReadStream =>
  Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode() {},
    setEncoding() {},
    read: () => null,
    ref() {},
    unref() {},
  }) as unknown as NodeJS.ReadStream;
