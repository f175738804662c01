import type { MediaMessage } from "./message.ts";
import type { RtmpPlayer } from "./server-player.ts";

/** Somebody wants to publish; no media was taken yet. */
export interface PublishOffer {
  readonly app: string;
  /** The stream name as the publisher wrote it, its `?query` included. */
  readonly name: string;
}

/** Where an accepted publish goes. */
export interface PublishSink {
  /** Audio, video or data as it comes; aggregates are taken apart and `@setDataFrame` is stripped. */
  message(message: MediaMessage): void;
  /** Called once. `unpublished`: the publisher said so; `closed`: the connection ended. */
  ended(how: "unpublished" | "closed"): void;
}

/** The answer to a publish: a sink, or a word for the publisher on why not. */
export type PublishVerdict = { readonly sink: PublishSink } | { readonly refusal: string };

/** What happens to an accepted player. */
export interface PlaySession {
  /** It was told Play.Start and takes media from now on. */
  started(player: RtmpPlayer): void;
  /** It is gone. Called once. */
  stopped(): void;
}

/** What a server does with one connection. All but `publish` answer at once. */
export interface RtmpHandlers {
  /** Asked at `connect`; a refusal is sent to the peer, then the connection ends. All are welcome where it is left out. */
  connect?(app: string): { readonly refusal: string } | null;
  /** Asked before Publish.Start. The signal aborts when the publisher leaves meanwhile; a rejection is a refusal. */
  publish(offer: PublishOffer, signal: AbortSignal): Promise<PublishVerdict>;
  play(offer: PublishOffer): PlaySession | { readonly refusal: string };
}
