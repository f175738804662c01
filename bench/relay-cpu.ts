import { tmpdir } from "node:os";
import { openPreset, presetText } from "../src/ffmpeg/preset-file.ts";
import { relayArgs } from "../src/ffmpeg/relay-args.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { atMost, type Benchmark, type BenchRow, noted } from "./benchmark.ts";
import { attachedNginx } from "./support/attached-nginx.ts";
import { LOAD_MBPS, makeLoadClip, publishLoad } from "./support/load-clip.ts";
import { percentOfCore } from "./support/measured.ts";
import { findNginxRtmp, type NginxRtmp, startPlainNginx } from "./support/nginx.ts";
import { type Program, startProgram, withPrograms } from "./support/program.ts";
import { rigPlatform } from "./support/rig-platform.ts";
import { startLoneIngest } from "./support/start-lone-ingest.ts";
import { until } from "./support/until.ts";

const DESTINATIONS = 16;
const IDLE_MS = 15_000;
const WARM_UP_MS = 10_000;
const MEASURED_MS = 30_000;
const GOAL = 1.1;

/**
 * What pushing one stream to 16 destinations costs, the agent's share included, against bare ffmpegs with the same
 * options that pull from the same kind of ingest, at the same time, to the same kind of sink. With the embedded ingest,
 * which is part of rig's process, the ingest is counted on both sides; with nginx-rtmp on neither.
 */
export const relayCpu: Benchmark = async (signal) => {
  const nginx = findNginxRtmp();
  if (!nginx) throw new Error("nginx with its rtmp module is not installed, and it is where all of this is pushed to");
  return [...(await measure("embedded", nginx, signal)), ...(await measure("nginx", nginx, signal))];
};

function measure(kind: "embedded" | "nginx", nginx: NginxRtmp, signal: AbortSignal): Promise<BenchRow[]> {
  return withPrograms(async (keep) => {
    const clip = keep(await makeLoadClip());
    const sinks = keep(await startPlainNginx(nginx, signal));
    const sink = `rtmp://127.0.0.1:${sinks.port}/sink`;

    const edge = kind === "nginx" ? await attachedNginx(nginx, signal) : null;
    const rig = await rigPlatform(edge?.env);
    if (edge) keep(await edge.start(rig));
    keep(rig); // stopped before the nginx beside it
    await rig.up();
    const stream = await rig.addStream(Array.from({ length: DESTINATIONS }, () => sink));
    const pid = await rig.pid();
    await systemClock.sleep(WARM_UP_MS, signal);
    const idle = await percentOfCore({ rig: [pid] }, IDLE_MS, signal);

    const other = keep(kind === "nginx" ? await startPlainNginx(nginx, signal) : await startLoneIngest());
    const otherUrl = "url" in other ? other.url : `rtmp://127.0.0.1:${other.port}/live`;
    const bare: Program[] = [];
    for (let index = 0; index < DESTINATIONS; index++)
      bare.push(keep(await startBareRelay(`${otherUrl}/bare`, sink, `bare-${index}`)));
    keep(await publishLoad(clip.file, `${otherUrl}/bare`));
    keep(await publishLoad(clip.file, `${(await rig.status()).ingest.url}/${stream.streamKey}`));
    const arePushing = async () =>
      (await rig.stream(stream.id)).relays.filter(({ state }) => state === "pushing").length === DESTINATIONS;
    await until("all relays push", arePushing, signal, 60_000);
    await systemClock.sleep(WARM_UP_MS, signal);

    const groups = {
      rig: [pid],
      bare: bare.map((program) => program.pid),
      ingest: kind === "embedded" ? [other.pid] : [],
    };
    const live = await percentOfCore(groups, MEASURED_MS, signal);
    if (bare.some((program) => program.hasEnded()) || !(await arePushing())) throw new Error("not all relays lasted");
    const [cost, baseline] = [live.rig - idle.rig, live.bare + live.ingest];
    const load = `${LOAD_MBPS} Mbit/s to ${DESTINATIONS}, ${kind === "nginx" ? "nginx-rtmp" : "embedded"} ingest`;
    return [
      atMost(`relays, ${load}`, cost / DESTINATIONS, "% of a core each", cost / baseline, GOAL),
      noted(`bare ffmpeg, ${load}`, baseline / DESTINATIONS, "% of a core each"),
      noted(`idle platform (${kind})`, idle.rig, "% of a core"),
    ];
  });
}

/** ffmpeg as rig runs it, options, preset and process group included, with nobody who reads what it reports. */
async function startBareRelay(pullUrl: string, sink: string, destinationKey: string): Promise<Program> {
  const { host, pathname } = new URL(sink.replace("rtmp:", "http:"));
  const preset = await openPreset(
    presetText({
      app: pathname.slice(1),
      playpath: destinationKey,
      tcUrl: sink,
      timeoutMs: 5_000,
      sendBufferBytes: 65_536,
      caFile: null,
    }),
    tmpdir(),
  );
  const args = relayArgs({ pullUrl, pushUrl: `rtmp://${host}/`, inputTimeoutMs: 30_000, statsPeriod: true });
  try {
    return await startProgram("ffmpeg", args, { stdio: ["ignore", "ignore", "ignore", preset.fd], detached: true });
  } finally {
    await preset.close();
  }
}
