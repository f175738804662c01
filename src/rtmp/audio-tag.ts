/** What one audio message says about itself in its first bytes. */
export interface AudioTag {
  /** `aac`, `mp3`, …, or the FourCC of enhanced RTMP (`mp4a`, `Opus`, `fLaC`, …). */
  readonly codec: string;
  readonly kind: "sequence header" | "frame" | "other";
}

const ENHANCED = 9;
const AAC = 10;
const PACKET = { sequenceStart: 0, codedFrames: 1 } as const;
const LEGACY_CODEC: Readonly<Record<number, string>> = {
  0: "pcm",
  1: "adpcm",
  2: "mp3",
  3: "pcm",
  7: "alaw",
  8: "mulaw",
  10: "aac",
  11: "speex",
  14: "mp3",
};

/** Reads the head of an audio message, enhanced RTMP included; null where it is too short to tell. Never throws. */
export function readAudioTag(payload: Buffer): AudioTag | null {
  const first = payload[0];
  if (first === undefined) return null;
  const format = first >> 4;
  if (format === ENHANCED) return readEnhanced(first & 0x0f, payload);
  const codec = LEGACY_CODEC[format] ?? String(format);
  if (format !== AAC) return { codec, kind: "frame" };
  if (payload.length < 2) return null;
  return { codec, kind: payload[1] === PACKET.sequenceStart ? "sequence header" : "frame" };
}

function readEnhanced(packet: number, payload: Buffer): AudioTag | null {
  if (payload.length < 5) return null;
  const codec = payload.toString("latin1", 1, 5).replace(/[^\x20-\x7e]/g, "?");
  if (packet === PACKET.sequenceStart) return { codec, kind: "sequence header" };
  return { codec, kind: packet === PACKET.codedFrames ? "frame" : "other" };
}
