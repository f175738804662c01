import type { Clock } from "../domain/clock.ts";
import type { IngestStat } from "../services/ingest.ts";
import type { PushEnd, PushOnce, PushProgress, RelayOrder } from "../services/relay-push.ts";
import { type DestinationAddress, parseDestination, pushUrl } from "./destination-address.ts";
import { endProcess } from "./end-process.ts";
import { endReason } from "./end-reason.ts";
import { openPreset, presetFault, presetText, wipePreset } from "./preset-file.ts";
import { pushMeter } from "./push-meter.ts";
import { pushWatchdog, type Verdict, WATCHDOG_LIMITS, type WatchdogLimits } from "./push-watchdog.ts";
import { relayArgs } from "./relay-args.ts";
import { type RelayProcess, startRelayProcess } from "./relay-process.ts";
import { type Lookup, resolveDestination, systemLookup } from "./resolve-destination.ts";

/** What pushing by ffmpeg needs. */
export interface FfmpegPushOptions {
  /** What to run and what it can do (self-test.ts); `rtmps` left out counts as true. */
  readonly ffmpeg: { readonly path: string; readonly statsPeriod: boolean; readonly rtmps?: boolean };
  /** setpriv, where it can tie a relay's life to this process; null elsewhere. */
  readonly setprivPath: string | null;
  readonly clock: Clock;
  /** The publisher as the ingest counted it last; null while it is not known there. */
  readonly source: (publishId: string) => Pick<IngestStat, "bytesIn" | "videoFrames" | "videoCodec"> | null;
  /** The ingest's `endPlayer`. */
  readonly endInput: (publishId: string, relayId: string) => Promise<boolean>;
  /** Allows destinations on loopback and in private networks. */
  readonly allowPrivate: boolean;
  /** Certificates that rtmps destinations are checked against; null for those of ffmpeg's own TLS library. */
  readonly caFile: string | null;
  /** Where presets are made: they have no name and no content there. */
  readonly presetFolder: string;
  readonly lookup?: Lookup;
  readonly limits?: Partial<WatchdogLimits & PushLimits>;
}

interface PushLimits {
  /** How long ffmpeg waits for its input: the grace window of a publish and 15 s. */
  readonly inputTimeoutMs: number;
  /** Of one read or write at the destination. */
  readonly destinationTimeoutMs: number;
}

const LIMITS = { ...WATCHDOG_LIMITS, inputTimeoutMs: 30_000, destinationTimeoutMs: 5000 };
const SEND_BUFFER_BYTES = 65_536; // the default lets 4 MB of kernel memory hide a black hole
const TICK_MS = 1000;

const NOTHING_SENT = { healthy: false, egressBytes: 0, egressSeconds: 0 };

/** Where the next try of an order connects to: all resolved addresses get their turn. */
type Turns = WeakMap<RelayOrder, number>;

/** Pushes by one ffmpeg a try (design.md section 6). */
export function ffmpegPush(options: FfmpegPushOptions): PushOnce {
  const turns: Turns = new WeakMap();
  return async (order, onProgress, signal) => {
    try {
      return await pushOnce(order, options, turns, onProgress, signal);
    } catch (error) {
      return { ...NOTHING_SENT, reason: "crashed", detail: `could not start: ${(error as Error).message}` };
    }
  };
}

async function pushOnce(
  order: RelayOrder,
  options: FfmpegPushOptions,
  turns: Turns,
  onProgress: (progress: PushProgress) => void,
  signal: AbortSignal,
): Promise<PushEnd> {
  const destination = parseDestination(order.target.destination.url);
  const fault = typeof destination === "string" ? destination : keyFault(order);
  if (typeof destination === "string" || fault !== null)
    return { ...NOTHING_SENT, reason: "rejected", detail: fault ?? "" };

  if (destination.scheme === "rtmps" && options.ffmpeg.rtmps === false)
    return { ...NOTHING_SENT, reason: "tls", detail: "this ffmpeg cannot push to rtmps:// or not check certificates" };
  const { allowPrivate, lookup = systemLookup, clock } = options;
  const resolution = await resolveDestination(destination.host, { allowPrivate, lookup, clock });
  if (signal.aborted) return { ...NOTHING_SENT, reason: null, detail: "stopped" };
  if ("reason" in resolution) return { ...NOTHING_SENT, ...resolution };

  const turn = turns.get(order) ?? 0;
  const address = resolution.addresses[turn % resolution.addresses.length] ?? destination.host;
  // A checked address stands in for the name, so that it can't be rebound. TLS needs the name, for SNI and certificate.
  const url = pushUrl(destination, destination.scheme === "rtmp" ? address : destination.host);
  const end = await runRelay(order, url, destination, options, onProgress, signal);
  if (end.reason !== null && !end.healthy) turns.set(order, turn + 1);
  return end;
}

function keyFault(order: RelayOrder): string | null {
  const fault = presetFault(order.target.destinationKey.open());
  return fault === null ? null : `the destination key ${fault}`;
}

async function runRelay(
  order: RelayOrder,
  url: string,
  destination: DestinationAddress,
  options: FfmpegPushOptions,
  onProgress: (progress: PushProgress) => void,
  signal: AbortSignal,
): Promise<PushEnd> {
  const { clock, ffmpeg } = options;
  const limits = { ...LIMITS, ...options.limits };
  const meter = pushMeter(clock, onProgress);
  const destinationKey = order.target.destinationKey.open();
  const preset = await openPreset(
    presetText({
      app: destination.app,
      playpath: destinationKey,
      tcUrl: destination.tcUrl,
      timeoutMs: limits.destinationTimeoutMs,
      sendBufferBytes: SEND_BUFFER_BYTES,
      caFile: options.caFile,
    }),
    options.presetFolder,
  );
  try {
    const { inputTimeoutMs } = limits;
    const args = relayArgs({ pullUrl: order.pullUrl, pushUrl: url, inputTimeoutMs, statsPeriod: ffmpeg.statsPeriod });
    const command = options.setprivPath
      ? [options.setprivPath, "--pdeathsig", "KILL", "--", ffmpeg.path]
      : [ffmpeg.path];
    const relay = startRelayProcess([...command, ...args], { presetFd: preset.fd, secrets: [destinationKey], meter });
    const over = AbortSignal.any([relay.ended, signal]);
    const verdict = await watchRelay(relay, order, options, { meter, sends: () => wipePreset(preset) }, over);
    const flush = signal.aborted ? () => options.endInput(order.publishId, order.relayId) : null;
    if (!relay.ended.aborted) await endProcess(relay, flush, clock);
    const sums = meter.sums();
    if (signal.aborted) return { ...sums, reason: null, detail: "stopped" };
    const facts = { lines: relay.log.lines(), phase: relay.log.phase(), verdict, ...relay.exit() };
    return { ...sums, ...endReason({ ...facts, pullUrl: order.pullUrl, pushUrl: url }) };
  } finally {
    await wipePreset(preset);
  }
}

/** Looks once a second, until aborted or until the try has to be given up; `sends` is called while the relay does. */
async function watchRelay(
  relay: RelayProcess,
  order: RelayOrder,
  { clock, source, limits }: FfmpegPushOptions,
  { meter, sends }: { meter: ReturnType<typeof pushMeter>; sends: () => Promise<void> },
  over: AbortSignal,
): Promise<Verdict | null> {
  const judge = pushWatchdog({ ...LIMITS, ...limits }, clock.monotonic());
  for (;;) {
    await clock.sleep(TICK_MS, over);
    if (over.aborted || relay.log.writeFailed()) return null;
    if (relay.log.phase() === "sending") await sends();
    const now = source(order.publishId);
    const verdict = judge(clock.monotonic(), {
      phase: relay.log.phase(),
      egressBytes: meter.sums().egressBytes,
      source: now && { bytesIn: now.bytesIn, hasVideo: now.videoFrames > 0 || now.videoCodec !== null },
    });
    if (verdict) return verdict;
  }
}
