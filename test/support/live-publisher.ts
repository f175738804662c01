import { readFile } from "node:fs/promises";
import { openClip } from "../../src/demo/clip.ts";
import type { PacketIdentity } from "../../src/demo/packet-identity.ts";
import { type ClipPublish, publishClip } from "../../src/demo/publish-clip.ts";
import { connectRtmp } from "../../src/rtmp/connect.ts";
import { parseRtmpUrl } from "../../src/rtmp/rtmp-url.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { packageFile } from "../../src/runtime/package-file.ts";
import type { NewStream } from "./platform.ts";

/** An encoder inside of the test, which knows every packet that it sent. */
export interface LivePublisher {
  /** All frames so far; grows while it runs. */
  readonly sent: readonly PacketIdentity[];
  /** Resolves when it has ended: with what ended it, or null after `stop`. Never rejects. */
  readonly ended: Promise<unknown>;
  /** Ends the publish after a whole packet, in order. Resolves when the connection is closed; safe to repeat. */
  stop(): Promise<void>;
}

/** Publishes the demo's clip in a loop at its own pace. @throws RtmpError REFUSED, and what keeps it from connecting */
export async function startLivePublisher({
  publishUrl,
  streamKey,
}: Pick<NewStream, "publishUrl" | "streamKey">): Promise<LivePublisher> {
  const target = parseRtmpUrl(`${publishUrl}/${streamKey}`);
  if (!target) throw new Error(`not an RTMP address: ${publishUrl}`);
  const clip = openClip(await readFile(packageFile("assets/demo.flv")));
  const { host, port, app } = target;
  const client = await connectRtmp({ host, port, app, clock });
  const publisher = await client.publish(target.name);
  const publish: ClipPublish = { sent: [], startedAt: null };
  const leave = new AbortController();
  const running = publishClip(publisher, clip, { clock, publish, isEnough: () => leave.signal.aborted }, leave.signal);
  const ended = running
    .then(() => publisher.end())
    .then(
      () => null,
      (error: unknown) => error,
    );
  return {
    sent: publish.sent,
    ended,
    async stop() {
      leave.abort();
      await ended;
      client.destroy();
    },
  };
}
