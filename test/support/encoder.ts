import { readFileSync } from "node:fs";
import { type Clip, openClip } from "../../src/demo/clip.ts";
import type { PacketIdentity, Track } from "../../src/demo/packet-identity.ts";
import { publishClip } from "../../src/demo/publish-clip.ts";
import { connectRtmp } from "../../src/rtmp/connect.ts";
import { MESSAGE } from "../../src/rtmp/message.ts";
import { parseRtmpUrl } from "../../src/rtmp/rtmp-url.ts";
import { systemClock } from "../../src/runtime/clock.ts";

/** An encoder of our own: publishes the demo's clip in a loop, in real time, and knows each packet that it sent. */
export interface Encoder {
  readonly sent: readonly PacketIdentity[];
  /** When the first packet left, on the monotonic clock. */
  readonly startedAt: number;
  /** Resolves when it publishes no more: with the error that ended it, or null where it was told to. */
  readonly ended: Promise<unknown>;
  isLive(): boolean;
  /** Ends after a whole packet, with a goodbye. */
  end(): Promise<void>;
  /** Cuts its connection. */
  vanish(): Promise<void>;
}

/** The demo's clip: key frames 0.96 s apart. */
export const demoClip: Clip = openClip(readFileSync(new URL("../../assets/demo.flv", import.meta.url)));

/** The clip with only one of its tracks. */
export const onlyTrack = ({ headers, packets, loopMs }: Clip, track: Track): Clip => ({
  headers: headers.filter(({ type }) => type === MESSAGE[track]),
  packets: packets.filter(({ identity }) => identity.track === track),
  loopMs,
});

/** Starts to publish; resolves once accepted. @throws RtmpError REFUSED, with the server's `status` */
export async function startEncoder(
  { publishUrl, streamKey }: { readonly publishUrl: string; readonly streamKey: string },
  clip: Clip = demoClip,
): Promise<Encoder> {
  const target = parseRtmpUrl(`${publishUrl}/${streamKey}`);
  if (!target) throw new Error(`not an RTMP address: ${publishUrl}`);
  const client = await connectRtmp({ host: target.host, port: target.port, app: target.app, clock: systemClock });
  const publisher = await client.publish(target.name).catch((error: unknown) => {
    client.destroy();
    throw error;
  });
  const record = { sent: [] as PacketIdentity[], startedAt: null };
  const stop = new AbortController();
  const options = { clock: systemClock, isEnough: () => false, publish: record };
  let live = true;
  const startedAt = systemClock.monotonic();
  const ended = publishClip(publisher, clip, options, stop.signal)
    .then(
      () => null,
      (error: unknown) => (stop.signal.aborted ? null : error),
    )
    .finally(() => {
      live = false;
    });
  return {
    sent: record.sent,
    startedAt,
    ended,
    isLive: () => live,
    async end() {
      stop.abort();
      await ended;
      await publisher.end();
    },
    async vanish() {
      stop.abort();
      client.destroy();
      await ended;
      await client.closed;
    },
  };
}
