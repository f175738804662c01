/** What one video message says about itself in its first bytes. */
export interface VideoTag {
  /** `h264`, or the FourCC of enhanced RTMP (`hvc1`, `av01`, `vp09`, `avc1`, …), or a number that the FLV table has. */
  readonly codec: string;
  readonly kind: "sequence header" | "frame" | "other";
  readonly isKey: boolean;
}

const ENHANCED = 0x80;
const PACKET = { sequenceStart: 0, codedFrames: 1, codedFramesX: 3, mpeg2tsStart: 5 } as const;
const KEY_FRAME = 1;
const COMMAND_FRAME = 5; // no picture
const AVC = 7;
const LEGACY_CODEC: Readonly<Record<number, string>> = {
  2: "h263",
  3: "screen",
  4: "vp6",
  5: "vp6a",
  6: "screen2",
  7: "h264",
  12: "hevc",
  13: "av1",
};

/** Reads the head of a video message, enhanced RTMP included; null where it is too short to tell. Never throws. */
export function readVideoTag(payload: Buffer): VideoTag | null {
  const first = payload[0];
  if (first === undefined) return null;
  return first & ENHANCED ? readEnhanced(first, payload) : readLegacy(first, payload);
}

function readEnhanced(first: number, payload: Buffer): VideoTag | null {
  if (payload.length < 5) return null;
  const packet = first & 0x0f;
  const frameType = (first >> 4) & 0x07;
  const codec = payload.toString("latin1", 1, 5).replace(/[^\x20-\x7e]/g, "?");
  if (packet === PACKET.sequenceStart || packet === PACKET.mpeg2tsStart)
    return { codec, kind: "sequence header", isKey: false };
  const isFrame = (packet === PACKET.codedFrames || packet === PACKET.codedFramesX) && frameType !== COMMAND_FRAME;
  return { codec, kind: isFrame ? "frame" : "other", isKey: isFrame && frameType === KEY_FRAME };
}

function readLegacy(first: number, payload: Buffer): VideoTag | null {
  const id = first & 0x0f;
  const frameType = first >> 4;
  const codec = LEGACY_CODEC[id] ?? String(id);
  const hasPacketType = id === AVC || id === 12 || id === 13;
  if (hasPacketType && payload.length < 2) return null;
  const packet = hasPacketType ? payload[1] : 1;
  if (packet === 0) return { codec, kind: "sequence header", isKey: false };
  const isFrame = packet === 1 && frameType !== COMMAND_FRAME;
  return { codec, kind: isFrame ? "frame" : "other", isKey: isFrame && frameType === KEY_FRAME };
}
