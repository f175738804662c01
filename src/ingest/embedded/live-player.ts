import type { MediaCache } from "../../rtmp/media-cache.ts";
import type { RtmpPlayer } from "../../rtmp/server-player.ts";
import type { LiveFrame } from "./live-frame.ts";

/** Who a player is. */
export interface PlayerIdentity {
  readonly clientId: string;
  readonly relayId: string | null;
}

/** Why frames are left out: it came between two key frames, or it did not keep up. */
type Skipping = "no" | "came late" | "too slow";

/** One player of a live stream. One that does not keep up loses frames until a key frame, never memory. */
export class LivePlayer {
  readonly clientId: string;
  readonly relayId: string | null;
  readonly #player: RtmpPlayer;
  readonly #maxQueuedBytes: number;
  #skipping: Skipping = "no";
  #headersSeen = 0;
  #lostFrames = 0;

  constructor(player: RtmpPlayer, { clientId, relayId }: PlayerIdentity, maxQueuedBytes: number) {
    this.clientId = clientId;
    this.relayId = relayId;
    this.#player = player;
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  /** Audio and video frames that it was not sent because it did not keep up. */
  get lostFrames(): number {
    return this.#lostFrames;
  }

  /** Brings a player that comes late up to now: headers, then the group of pictures. */
  catchUp(headers: MediaCache<LiveFrame>, frames: readonly LiveFrame[], hasVideo: boolean): void {
    this.#sendHeaders(headers);
    for (const frame of frames) this.#send(frame);
    if (frames.length === 0 && hasVideo) this.#skipping = "came late";
  }

  /** One more frame; `headers` has taken it already where it is one. */
  take(frame: LiveFrame, headers: MediaCache<LiveFrame>, hasVideo: boolean): void {
    if (this.#skipping !== "no" && !this.#canResume(frame, hasVideo)) {
      this.#countLost(frame);
      return;
    }
    if (this.#skipping !== "no") {
      this.#skipping = "no";
      if (headers.revision !== this.#headersSeen) this.#sendHeaders(headers);
    }
    if (this.#player.queuedBytes > this.#maxQueuedBytes) {
      this.#skipping = "too slow";
      this.#countLost(frame);
      return;
    }
    this.#send(frame);
    if (frame.kind === "header") this.#headersSeen = headers.revision;
  }

  /** Ends its stream after all that is queued. */
  end(): void {
    this.#player.end();
  }

  /** Decoding can begin at a key frame, or at any sound where there is no picture; half the queue must be free again. */
  #canResume(frame: LiveFrame, hasVideo: boolean): boolean {
    const isEntry = hasVideo ? frame.kind === "key" : frame.kind === "audio";
    return isEntry && this.#player.queuedBytes <= this.#maxQueuedBytes / 2;
  }

  #countLost(frame: LiveFrame): void {
    if (this.#skipping === "too slow" && frame.kind !== "header" && frame.kind !== "data") this.#lostFrames += 1;
  }

  #sendHeaders(headers: MediaCache<LiveFrame>): void {
    for (const header of headers.headers()) this.#send(header);
    this.#headersSeen = headers.revision;
  }

  #send(frame: LiveFrame): void {
    this.#player.sendChunks(frame.wire(this.#player.streamId, this.#player.chunkSize));
  }
}
