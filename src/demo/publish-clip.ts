import type { Clock } from "../domain/clock.ts";
import type { RtmpPublisher } from "../rtmp/client-roles.ts";
import { type Clip, loopClip } from "./clip.ts";
import type { PacketIdentity } from "./packet-identity.ts";

/** What a publish of the clip has sent so far; grows while it runs. */
export interface ClipPublish {
  readonly sent: PacketIdentity[];
  /** When the first frame left, on the monotonic clock; null before. */
  startedAt: number | null;
}

/**
 * Sends the clip in a loop at the pace of its timestamps, until `isEnough(elapsed ms)` after a whole packet, or aborted.
 * A server that takes it slowly is caught up with as fast as it goes.
 * @throws RtmpError when the connection ends
 */
export async function publishClip(
  publisher: Pick<RtmpPublisher, "send">,
  clip: Clip,
  { clock, isEnough, publish }: { clock: Clock; isEnough: (elapsedMs: number) => boolean; publish: ClipPublish },
  signal: AbortSignal,
): Promise<void> {
  for (const header of clip.headers) await publisher.send(header);
  const startedAt = clock.monotonic();
  publish.startedAt = startedAt;
  for (const { message, identity } of loopClip(clip)) {
    const elapsedMs = clock.monotonic() - startedAt;
    if (identity.timestampMs > elapsedMs) await clock.sleep(identity.timestampMs - elapsedMs, signal);
    if (signal.aborted || isEnough(identity.timestampMs)) return;
    await publisher.send(message);
    publish.sent.push(identity);
  }
}
