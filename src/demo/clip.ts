import { RigError } from "../domain/errors.ts";
import { parseFlv } from "../rtmp/flv.ts";
import { isHeader } from "../rtmp/media-cache.ts";
import type { MediaMessage } from "../rtmp/message.ts";
import { identify, type PacketIdentity } from "./packet-identity.ts";

/** A frame of a clip, and what it is known by. */
export interface ClipPacket {
  readonly message: MediaMessage;
  readonly identity: PacketIdentity;
}

/** A clip that can be played in a loop without a seam. */
export interface Clip {
  /** Metadata and sequence headers: sent once, before all frames. */
  readonly headers: readonly MediaMessage[];
  /** In order; the first is a video key frame at 0 ms. */
  readonly packets: readonly ClipPacket[];
  /** When the first packet may follow the last, ms from the first. */
  readonly loopMs: number;
}

/** The length of the video track, its last frame as long as the others are on average. */
function loopLength(packets: readonly ClipPacket[]): number {
  const times = packets.filter(({ identity }) => identity.track === "video").map(({ message }) => message.timestamp);
  const last = times.at(-1) ?? 0;
  return times.length < 2 ? 0 : last + Math.round((last - (times[0] ?? 0)) / (times.length - 1));
}

/** Takes an FLV file apart. @throws RigError INTERNAL where it does not begin with a key frame or cannot be looped */
export function openClip(file: Buffer): Clip {
  const headers: MediaMessage[] = [];
  const packets: ClipPacket[] = [];
  for (const message of parseFlv(file) ?? []) {
    const identity = identify(message);
    if (identity) packets.push({ message, identity });
    else if (packets.length === 0 && isHeader(message)) headers.push(message);
  }
  const loopMs = loopLength(packets);
  if (!packets[0]?.identity.isKey || packets[0].message.timestamp !== 0 || loopMs === 0)
    throw new RigError("INTERNAL", "the clip must be an FLV file that begins with a video key frame at 0 ms");
  return { headers, packets, loopMs };
}

/** The clip's packets without end: timestamps go on over each seam, everything else stays as it is. */
export function* loopClip({ packets, loopMs }: Pick<Clip, "packets" | "loopMs">): Generator<ClipPacket, never> {
  for (let offsetMs = 0; ; offsetMs += loopMs)
    for (const { message, identity } of packets) {
      const timestamp = message.timestamp + offsetMs;
      yield { message: { ...message, timestamp }, identity: { ...identity, timestampMs: timestamp } };
    }
}
