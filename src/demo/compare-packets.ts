import type { PacketIdentity, Track } from "./packet-identity.ts";

/** Whether all that was sent arrived, in words: the first problem, or null; and how many of how many did. */
export interface Comparison {
  readonly problem: string | null;
  readonly counts: string;
}

const TRACKS: readonly Track[] = ["video", "audio"];
const ROUNDING_MS = 1; // relays count in other time bases than milliseconds

const onTrack = (packets: readonly PacketIdentity[], track: Track): readonly PacketIdentity[] =>
  packets.filter((packet) => packet.track === track);

/** Same payload, and moved in time as much as all others. */
const matches = (sent: PacketIdentity, got: PacketIdentity, offsetMs: number): boolean =>
  sent.digest === got.digest && Math.abs(got.timestampMs - sent.timestampMs - offsetMs) <= ROUNDING_MS;

function compareTrack(
  sent: readonly PacketIdentity[],
  got: readonly PacketIdentity[],
  offsetMs: number,
): string | null {
  const wrong = sent.findIndex((packet, index) => {
    const counterpart = got[index];
    return !counterpart || !matches(packet, counterpart, offsetMs);
  });
  const track = sent[0]?.track;
  if (wrong >= 0 && wrong >= got.length) return `${track} ends after packet ${got.length} of ${sent.length}`;
  if (wrong >= 0) return `${track} packet ${wrong} of ${sent.length} is not the one that was sent`;
  return got.length > sent.length ? `${got.length - sent.length} more ${track} packets than were sent` : null;
}

/**
 * Compares track by track, from packet 0 to the end: relays may interleave audio and video anew and move all
 * timestamps by one offset, but lose, repeat, reorder and change nothing.
 */
export function compareTracks(sent: readonly PacketIdentity[], got: readonly PacketIdentity[]): Comparison {
  const counts = TRACKS.map((track) => `${track} ${onTrack(got, track).length} of ${onTrack(sent, track).length}`);
  const [firstSent, firstGot] = [onTrack(sent, "video")[0], onTrack(got, "video")[0]];
  if (!firstSent || !firstGot) return { problem: `no video arrived: ${counts.join(", ")}`, counts: counts.join(", ") };
  const offsetMs = firstGot.timestampMs - firstSent.timestampMs;
  const problems = TRACKS.flatMap((track) => compareTrack(onTrack(sent, track), onTrack(got, track), offsetMs) ?? []);
  return { problem: problems[0] ?? null, counts: counts.join(", ") };
}

/** True where the video in `got` is one run of the video that was sent, without a hole: for who came later. */
export function isRunOf(got: readonly PacketIdentity[], sent: readonly PacketIdentity[]): boolean {
  const [run, source] = [onTrack(got, "video"), onTrack(sent, "video")];
  const [first] = run;
  if (!first) return false;
  return source.some((start, from) => {
    const offsetMs = first.timestampMs - start.timestampMs;
    return run.every((packet, index) => {
      const counterpart = source[from + index];
      return counterpart !== undefined && matches(counterpart, packet, offsetMs);
    });
  });
}
