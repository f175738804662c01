import { systemClock } from "../src/runtime/clock.ts";
import { atMost, type Benchmark, type BenchRow, noted } from "./benchmark.ts";
import { LOAD_MBPS, makeLoadClip, publishLoad } from "./support/load-clip.ts";
import { percentOfCore } from "./support/measured.ts";
import { findNginxRtmp, startPlainNginx } from "./support/nginx.ts";
import { startProgram, withPrograms } from "./support/program.ts";
import { startLoneIngest } from "./support/start-lone-ingest.ts";

const WARM_UP_MS = 8_000;
const MEASURED_MS = 30_000;
const GOAL = 5;
const LOADS = [
  { streams: 8, players: 1 },
  { streams: 4, players: 4 },
];

/** The CPU that a 4 Mbit/s stream costs the embedded ingest, against nginx-rtmp with the same load at the same time. */
export const ingestCpu: Benchmark = async (signal) => {
  const nginx = findNginxRtmp();
  if (!nginx) throw new Error("nginx with its rtmp module is not installed, and it is what this is measured against");
  const rows: BenchRow[] = [];
  for (const { streams, players } of LOADS) {
    const { embedded, other } = await withPrograms(async (keep) => {
      const clip = keep(await makeLoadClip());
      const baseline = keep(await startPlainNginx(nginx, signal));
      const ingest = keep(await startLoneIngest());
      for (const url of [ingest.url, `rtmp://127.0.0.1:${baseline.port}/live`])
        for (let stream = 0; stream < streams; stream++) {
          keep(await publishLoad(clip.file, `${url}/${stream}`));
          for (let player = 0; player < players; player++) keep(await playLoad(`${url}/${stream}`));
        }
      await systemClock.sleep(WARM_UP_MS, signal);
      return percentOfCore({ embedded: [ingest.pid], other: [baseline.pid] }, MEASURED_MS, signal);
    });
    const load = `a ${LOAD_MBPS} Mbit/s stream to ${players} player${players > 1 ? "s" : ""}, ${streams} at once`;
    rows.push(
      atMost(`embedded ingest, ${load}`, embedded / streams, "% of a core", embedded / other, GOAL),
      noted(`nginx-rtmp, ${load}`, other / streams, "% of a core"),
    );
  }
  return rows;
};

/** Reads a stream as a relay does, and throws it away. */
const playLoad = (url: string) =>
  startProgram("ffmpeg", [
    ...["-nostdin", "-v", "error", "-fpsprobesize", "0", "-rtmp_live", "live", "-tcp_nodelay", "1"],
    ...["-f", "live_flv", "-i", url, "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-f", "null", "-"],
  ]);
