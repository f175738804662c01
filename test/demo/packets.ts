import type { PacketIdentity, Track } from "../../src/demo/packet-identity.ts";
import type { ReceivedPacket } from "../../src/demo/received.ts";

/** One made-up packet. */
export const packet = (track: Track, timestampMs: number, digest: string): PacketIdentity => ({
  track,
  timestampMs,
  isKey: track === "video" && timestampMs === 0,
  bytes: 1000,
  digest,
});

/** Video and audio in turn, 40 ms a step; the first is a key frame at 0. */
export const packets = (count: number): PacketIdentity[] =>
  Array.from({ length: count }, (_, index) => {
    const track = index % 2 === 0 ? "video" : "audio";
    return packet(track, Math.floor(index / 2) * 40, `${track}${index}`);
  });

/** The same as they arrive, each `delayMs` after its own time. */
export const arrived = (sent: readonly PacketIdentity[], delayMs = 10): ReceivedPacket[] =>
  sent.map((one) => ({ ...one, receivedAt: one.timestampMs + delayMs }));
