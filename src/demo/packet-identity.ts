import { createHash } from "node:crypto";
import { readAudioTag } from "../rtmp/audio-tag.ts";
import { MESSAGE, type MediaMessage } from "../rtmp/message.ts";
import { readVideoTag } from "../rtmp/video-tag.ts";

export type Track = "audio" | "video";

/** What a packet is known by wherever it arrives: relays keep payloads as they are, and move all timestamps alike. */
export interface PacketIdentity {
  readonly track: Track;
  readonly timestampMs: number;
  readonly isKey: boolean;
  readonly bytes: number;
  /** SHA-1 of the payload, FLV tag head included. */
  readonly digest: string;
}

/** Null for what is no frame (metadata, sequence headers, end of sequence): relays write those anew. */
export function identify({ type, timestamp, payload }: MediaMessage): PacketIdentity | null {
  if (type === MESSAGE.data) return null;
  const tag = type === MESSAGE.video ? readVideoTag(payload) : readAudioTag(payload);
  if (tag?.kind !== "frame") return null;
  return {
    track: type === MESSAGE.video ? "video" : "audio",
    timestampMs: timestamp,
    isKey: "isKey" in tag && tag.isKey === true,
    bytes: payload.length,
    digest: createHash("sha1").update(payload).digest("base64"),
  };
}
