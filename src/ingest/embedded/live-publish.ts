import { MediaCache } from "../../rtmp/media-cache.ts";
import { MESSAGE, type MediaMessage } from "../../rtmp/message.ts";
import type { RtmpServerConnection } from "../../rtmp/server-connection.ts";
import type { IngestStat, PublisherRef } from "../../services/ingest.ts";
import { GopCache } from "./gop-cache.ts";
import { LiveFrame } from "./live-frame.ts";
import type { LivePlayer } from "./live-player.ts";

/** What a publish is made of besides its media. */
export interface LivePublishOptions {
  readonly publisher: PublisherRef;
  readonly localName: string;
  readonly connection: RtmpServerConnection;
  /** The players of the name; those that wait already get everything from frame 0. */
  readonly players: ReadonlySet<LivePlayer>;
  readonly gopMaxBytes: number;
  /** Milliseconds on the monotonic clock. */
  readonly monotonic: () => number;
}

/** One accepted publish: counts what comes and hands it to the players of its name. */
export class LivePublish {
  readonly publisher: PublisherRef;
  readonly localName: string;
  readonly connection: RtmpServerConnection;
  /** Why we end it ourselves; null while only the publisher does. */
  endedBy: "idle" | "dropped" | null = null;
  readonly #players: ReadonlySet<LivePlayer>;
  readonly #monotonic: () => number;
  readonly #headers = new MediaCache<LiveFrame>();
  readonly #gop: GopCache;
  #mediaAt: number;
  #hasKeyFrame = false;
  #videoFrames = 0;
  #audioFrames = 0;
  #videoCodec: string | null = null;
  #audioCodec: string | null = null;

  constructor({ publisher, localName, connection, players, gopMaxBytes, monotonic }: LivePublishOptions) {
    this.publisher = publisher;
    this.localName = localName;
    this.connection = connection;
    this.#players = players;
    this.#gop = new GopCache(gopMaxBytes);
    this.#monotonic = monotonic;
    this.#mediaAt = monotonic();
  }

  /** How long no media has come. */
  get idleMs(): number {
    return this.#monotonic() - this.#mediaAt;
  }

  take(message: MediaMessage): void {
    this.#mediaAt = this.#monotonic();
    const frame = new LiveFrame(message);
    this.#count(frame);
    if (frame.kind === "key") this.#hasKeyFrame = true;
    if (frame.kind === "video" && !this.#hasKeyFrame) return; // nobody can decode what comes before the first one
    if (frame.kind === "header") this.#headers.take(frame);
    else this.#gop.take(frame);
    for (const player of this.#players) player.take(frame, this.#headers, this.#hasVideo);
  }

  /** Brings a player that comes later up to now. */
  join(player: LivePlayer): void {
    player.catchUp(this.#headers, this.#gop.frames, this.#hasVideo);
  }

  /** Gives the publisher a fresh idle window, after this process itself stood still. */
  excuse(): void {
    this.#mediaAt = this.#monotonic();
  }

  stat(): IngestStat {
    return {
      ...this.publisher,
      localName: this.localName,
      bytesIn: this.connection.bytesIn,
      videoFrames: this.#videoFrames,
      audioFrames: this.#audioFrames,
      videoCodec: this.#videoCodec,
      audioCodec: this.#audioCodec,
      players: [...this.#players].map(({ clientId, lostFrames }) => ({ clientId, lostFrames })),
    };
  }

  get #hasVideo(): boolean {
    return this.#videoCodec !== null;
  }

  #count(frame: LiveFrame): void {
    if (frame.type === MESSAGE.video) this.#videoCodec = frame.codec ?? this.#videoCodec;
    if (frame.type === MESSAGE.audio) this.#audioCodec = frame.codec ?? this.#audioCodec;
    if (frame.kind === "key" || frame.kind === "video") this.#videoFrames += 1;
    if (frame.kind === "audio") this.#audioFrames += 1;
  }
}
