import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { apiClient } from "../src/api/client.ts";
import { type Clip, openClip } from "../src/demo/clip.ts";
import { identify } from "../src/demo/packet-identity.ts";
import { publishClip } from "../src/demo/publish-clip.ts";
import { Secret } from "../src/domain/secret.ts";
import { connectRtmp } from "../src/rtmp/connect.ts";
import { parseRtmpUrl } from "../src/rtmp/rtmp-url.ts";
import { type RtmpSink, startSink } from "../src/rtmp/sink.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { packageFile } from "../src/runtime/package-file.ts";
import { type Benchmark, type BenchRow, median, noted, within } from "./benchmark.ts";
import { attachedNginx } from "./support/attached-nginx.ts";
import { findNginxRtmp, type NginxRtmp } from "./support/nginx.ts";
import { withPrograms } from "./support/program.ts";
import { type BenchStream, type RigPlatform, rigPlatform } from "./support/rig-platform.ts";
import { until } from "./support/until.ts";

const ROUNDS = 7;
const PAUSE_MS = 2_000; // between two publishes: the relays of the first have ended
const LOADS = [
  { destinations: 3, limitMs: 300 },
  { destinations: 16, limitMs: 1_000 },
];
const DROP_LIMIT_MS = 1_000;

/** From an encoder's publish command to its frame 0 at the last destination, and from a drop to the disconnected publisher. */
export const publishLatency: Benchmark = async (signal) => {
  const nginx = findNginxRtmp();
  const clip = openClip(await readFile(packageFile("assets/demo.flv")));
  return [...(await measure(null, clip, signal)), ...(nginx ? await measure(nginx, clip, signal) : [])];
};

/** With the embedded ingest where `nginx` is null, else attached to nginx-rtmp. */
function measure(nginx: NginxRtmp | null, clip: Clip, signal: AbortSignal): Promise<BenchRow[]> {
  const ingest = nginx ? "nginx-rtmp" : "embedded";
  return withPrograms(async (keep) => {
    const edge = nginx && (await attachedNginx(nginx, signal));
    const rig = await rigPlatform(edge?.env);
    if (edge) keep(await edge.start(rig));
    keep(rig); // stopped before the nginx beside it
    await rig.up();
    const rows: BenchRow[] = [];
    for (const { destinations, limitMs } of LOADS) {
      const sinks: FirstFrames[] = [];
      for (let index = 0; index < destinations; index++) sinks.push(keep(await firstFrames()));
      const stream = await rig.addStream(sinks.map(({ url }) => url));
      const show = { rig, stream, clip, sinks, ingest };
      rows.push(...(await publishes(show, limitMs, signal)));
      if (destinations === LOADS[0]?.destinations) rows.push(...(await drops(show, signal)));
    }
    return rows;
  });
}

/** A stream with its destinations, and what is published to it. */
interface Show {
  readonly rig: RigPlatform;
  readonly stream: BenchStream;
  readonly clip: Clip;
  readonly sinks: readonly FirstFrames[];
  /** As the rows name it. */
  readonly ingest: string;
}

async function publishes(show: Show, limitMs: number, signal: AbortSignal): Promise<BenchRow[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await publishOnce(show, signal));
  const whole = rounds.filter(({ fromFrame0 }) => fromFrame0).length;
  const to = `to ${show.sinks.length}, ${show.ingest} ingest`;
  return [
    within(`publish to first media ${to}`, median(rounds.map(({ publishMs }) => publishMs)), "ms", limitMs),
    noted(`of it after the publish was accepted ${to}`, median(rounds.map(({ acceptedMs }) => acceptedMs)), "ms"),
    { ...noted(`frame 0 at all destinations ${to}`, whole, "publishes"), goal: `= ${ROUNDS}`, met: whole === ROUNDS },
  ];
}

/** A destination that notes the first frame of each publish that reaches it. */
interface FirstFrames {
  readonly url: string;
  /** One for each publish that brought a frame. */
  readonly firsts: readonly { readonly digest: string; readonly at: number }[];
  stop(): Promise<void>;
}

async function firstFrames(): Promise<FirstFrames> {
  const firsts: { digest: string; at: number }[] = [];
  const seen = new WeakSet<object>();
  const sink: RtmpSink = await startSink({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    record: false,
    onMessage(message, publish) {
      const frame = seen.has(publish) ? null : identify(message);
      if (!frame) return;
      seen.add(publish);
      firsts.push({ digest: frame.digest, at: systemClock.monotonic() });
    },
  });
  return { url: `rtmp://127.0.0.1:${sink.port}/bench`, firsts, stop: () => sink.close() };
}

interface Round {
  /** From the publish command to the last destination's first frame. */
  readonly publishMs: number;
  /** The same from Publish.Start, which the encoder gets once the relays are ready. */
  readonly acceptedMs: number;
  readonly fromFrame0: boolean;
}

/** An encoder that publishes the demo's clip. */
async function publish({ rig, stream: { streamKey }, clip }: Show) {
  const target = parseRtmpUrl(`${(await rig.status()).ingest.url}/${streamKey}`);
  if (!target) throw new Error("the platform has no ingest");
  const { host, port, app } = target;
  const client = await connectRtmp({ host, port, app, clock: systemClock });
  const askedAt = systemClock.monotonic();
  const publisher = await client.publish(target.name);
  const acceptedAt = systemClock.monotonic();
  const end = new AbortController();
  const options = { clock: systemClock, isEnough: () => false, publish: { sent: [], startedAt: null } };
  const sending = publishClip(publisher, clip, options, end.signal).catch(() => {}); // it may be dropped
  return {
    askedAt,
    acceptedAt,
    closed: client.closed,
    async stop() {
      end.abort();
      await sending;
      await publisher.end();
    },
  };
}

/** Publishes, and waits for the first frame at every destination. */
async function goLive(show: Show, signal: AbortSignal) {
  const before = show.sinks.map(({ firsts }) => firsts.length);
  const encoder = await publish(show);
  try {
    const haveCome = () => show.sinks.every(({ firsts }, index) => firsts.length > (before[index] ?? 0));
    await until("every destination gets media", haveCome, signal);
    return { ...encoder, firsts: show.sinks.flatMap(({ firsts }, index) => firsts[before[index] ?? 0] ?? []) };
  } catch (error) {
    await encoder.stop();
    throw error;
  }
}

async function publishOnce(show: Show, signal: AbortSignal): Promise<Round> {
  await systemClock.sleep(PAUSE_MS, signal);
  const encoder = await goLive(show, signal);
  await encoder.stop();
  const lastAt = Math.max(...encoder.firsts.map(({ at }) => at));
  const frame0 = show.clip.packets[0]?.identity.digest;
  return {
    publishMs: lastAt - encoder.askedAt,
    acceptedMs: lastAt - encoder.acceptedAt,
    fromFrame0: encoder.firsts.every(({ digest }) => digest === frame0),
  };
}

/** How long a publisher stays after it was dropped: by the command, from its start on, and by the server's API. */
async function drops(show: Show, signal: AbortSignal): Promise<BenchRow[]> {
  const { rig, stream, ingest } = show;
  const { server, caFile } = await rig.status();
  const bearer = new Secret((await readFile(join(rig.folder, ".rig", "operator-token"), "utf8")).trim());
  const api = apiClient({ baseUrl: server.url, ca: await readFile(caFile, "utf8"), bearer, clock: systemClock });
  const byCommand: number[] = [];
  const byApi: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      byCommand.push(await dropOnce(show, () => rig.run(["streams", "drop", stream.id]), signal));
      byApi.push(await dropOnce(show, () => api.call("dropStream", { params: { streamId: stream.id } }), signal));
    }
  } finally {
    await api.close();
  }
  return [
    within(`drop command to disconnected publisher, ${ingest} ingest`, median(byCommand), "ms", DROP_LIMIT_MS),
    within(`drop by API to disconnected publisher, ${ingest} ingest`, median(byApi), "ms", DROP_LIMIT_MS),
  ];
}

async function dropOnce(show: Show, drop: () => Promise<unknown>, signal: AbortSignal): Promise<number> {
  await systemClock.sleep(PAUSE_MS, signal);
  const encoder = await goLive(show, signal);
  try {
    const startedAt = systemClock.monotonic();
    const dropping = drop();
    await encoder.closed;
    const droppedAt = systemClock.monotonic();
    await dropping;
    return droppedAt - startedAt;
  } finally {
    await encoder.stop();
  }
}
