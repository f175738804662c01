import { RigError } from "../domain/errors.ts";
import { connectRtmp } from "../rtmp/connect.ts";
import { RtmpError } from "../rtmp/rtmp-error.ts";
import { parseRtmpUrl } from "../rtmp/rtmp-url.ts";
import { type Check, type DemoEvidence, judge, type SeenStatus, sawBothFaults } from "./checks.ts";
import { type Clip, openClip } from "./clip.ts";
import { type DemoNumbers, measure } from "./demo-numbers.ts";
import type { DemoOptions, DemoPorts } from "./demo-ports.ts";
import { type ClipPublish, publishClip } from "./publish-clip.ts";
import { type DemoSink, healthySink, refusingSink, silentSink } from "./sinks.ts";
import { type TemporaryStream, withTemporaryStream } from "./temporary-stream.ts";
import { type SeenStatuses, statusWatch } from "./watch-statuses.ts";

export interface DemoResult {
  readonly checks: readonly Check[];
  readonly numbers: DemoNumbers;
}

interface Sinks {
  readonly healthy: DemoSink;
  readonly refusing: DemoSink;
  readonly silent: DemoSink;
}

const REFUSES_MS = 5000;
const SILENT_AFTER_MS = 3000;
const FAULTS_GRACE_MS = 60_000; // how much longer than asked they are waited for: backoff is 30 s at most
const TAIL_MS = 5000; // for what is under way when the publish ends
const LEAVE_MS = 10_000; // until the platform has seen that it ended
const STEP_MS = 50;

async function withSinks<T>(
  { clock, random }: Pick<DemoPorts, "clock" | "random">,
  work: (sinks: Sinks) => Promise<T>,
): Promise<T> {
  const healthy = await healthySink(clock);
  const silent = await silentSink(clock, SILENT_AFTER_MS);
  const refusing = await refusingSink(clock, random, REFUSES_MS);
  try {
    return await work({ healthy, refusing, silent });
  } finally {
    await Promise.all([healthy.close(), refusing.close(), silent.close()]);
  }
}

/** Waits for a condition, or for `limitMs`, or for the signal, whichever is first. */
async function waitFor(
  condition: () => boolean | Promise<boolean>,
  limitMs: number,
  { clock, signal }: { clock: DemoPorts["clock"]; signal: AbortSignal },
): Promise<void> {
  const deadline = clock.monotonic() + limitMs;
  while (!signal.aborted && clock.monotonic() < deadline && !(await condition())) await clock.sleep(STEP_MS, signal);
}

/** An RTMP failure in the words of rig's errors. */
function ingestError(error: unknown, url: string): unknown {
  if (!(error instanceof RtmpError)) return error;
  if (error.code === "REFUSED")
    return new RigError("CHECK_FAILED", `the ingest at ${url} refused the publish: ${error.message}`, { cause: error });
  return new RigError("INGEST_UNREACHABLE", `publishing to ${url} failed: ${error.message}`, {
    cause: error,
    hint: "See `rig status`.",
  });
}

/** Publishes until the time is over and `isDone`, and ends the publish in order. */
async function publish(
  { publishUrl, clock }: DemoPorts,
  { streamKey }: TemporaryStream,
  { clip, record, isEnough }: { clip: Clip; record: ClipPublish; isEnough: (elapsedMs: number) => boolean },
  signal: AbortSignal,
): Promise<void> {
  const target = parseRtmpUrl(`${publishUrl}/${streamKey.open()}`);
  if (!target) throw new RigError("INGEST_UNREACHABLE", `not an RTMP address: ${publishUrl}`);
  try {
    const client = await connectRtmp({ host: target.host, port: target.port, app: target.app, clock, signal });
    try {
      const publisher = await client.publish(target.name);
      await publishClip(publisher, clip, { clock, isEnough, publish: record }, signal);
      await publisher.end();
    } finally {
      client.destroy();
    }
  } catch (error) {
    throw ingestError(error, publishUrl);
  }
}

/** True where a relay may not push to where its destination is. */
const isRefusedByRule = (statuses: readonly SeenStatus[]): boolean =>
  statuses.some(({ status }) => status.reason === "address refused");

function evidenceOf(
  sent: ClipPublish,
  sinks: Sinks,
  { destinationIds }: TemporaryStream,
  seen: SeenStatuses,
): DemoEvidence {
  const [healthyId = "", refusingId = "", silentId = ""] = destinationIds;
  return {
    ...sinks,
    sent: sent.sent,
    publishedAt: sent.startedAt ?? 0,
    healthyStatuses: seen.of(healthyId),
    refusingStatuses: seen.of(refusingId),
    silentStatuses: seen.of(silentId),
  };
}

async function runOn(
  ports: DemoPorts,
  { clip: file, seconds, signal, onProgress }: DemoOptions,
  sinks: Sinks,
  stream: TemporaryStream,
): Promise<DemoResult> {
  const { clock } = ports;
  const clip = openClip(file);
  const record: ClipPublish = { sent: [], startedAt: null };
  const seen = statusWatch(ports, stream.streamId);
  const end = new AbortController();
  const isBarred = () => stream.destinationIds.some((id) => isRefusedByRule(seen.of(id)));
  const isEnough = (elapsedMs: number): boolean =>
    isBarred() ||
    (elapsedMs >= seconds * 1000 &&
      (sawBothFaults(evidenceOf(record, sinks, stream, seen)) || elapsedMs >= seconds * 1000 + FAULTS_GRACE_MS));
  const watching = seen.watch(() => {
    const elapsedMs = record.startedAt === null ? 0 : clock.monotonic() - record.startedAt;
    const relays = stream.destinationIds.flatMap((id) => seen.of(id).at(-1)?.status ?? []);
    onProgress?.({ elapsedMs, wantedMs: seconds * 1000, relays });
  }, end.signal);
  try {
    await publish(ports, stream, { clip, record, isEnough }, signal);
    const isComplete = () => isBarred() || sinks.healthy.publishes.flat().length >= record.sent.length;
    await waitFor(isComplete, TAIL_MS, { clock, signal });
  } finally {
    end.abort();
    await watching;
    const isOver = async () => (await ports.status(stream.streamId).catch(() => null)) === null;
    await waitFor(isOver, LEAVE_MS, { clock, signal: new AbortController().signal });
  }
  if (signal.aborted) throw new RigError("CHECK_FAILED", "the demo was ended before it could judge");
  if (isBarred())
    throw new RigError(
      "CHECK_FAILED",
      "this platform pushes to no loopback address, and there the demo's destinations are",
      {
        hint: "Start it with ALLOW_PRIVATE_DESTINATIONS=true, or with no other INGEST_HOST than 127.0.0.1.",
      },
    );
  const evidence = evidenceOf(record, sinks, stream, seen);
  return { checks: judge(evidence), numbers: measure(evidence) };
}

/**
 * Publishes a clip through the platform to three destinations of its own (one healthy, one that refuses TCP for 5 s,
 * one that stops reading after 3 s) and judges what each got. Leaves nothing behind.
 * @throws RigError INGEST_UNREACHABLE, CHECK_FAILED where the publish was refused or ended early or may not go to
 *   loopback addresses, and what the ports throw
 */
export const runDemo = (ports: DemoPorts, options: DemoOptions): Promise<DemoResult> =>
  withSinks(ports, (sinks) =>
    withTemporaryStream(ports, [sinks.healthy.url, sinks.refusing.url, sinks.silent.url], (stream) =>
      runOn(ports, options, sinks, stream),
    ),
  );
