import type { RefusalCode } from "../domain/publish.ts";
import type { Secret } from "../domain/secret.ts";

/** A publisher at the ingest: never identified by the stream name. */
export interface PublisherRef {
  /** One life of one media server: nginx master pid and start time, or the embedded ingest's boot id. */
  readonly ingestInstance: string;
  readonly clientId: string;
}

/** Somebody asks to publish; nothing was accepted yet. */
export interface PublishRequest extends PublisherRef {
  readonly app: string;
  readonly streamKey: Secret;
  readonly clientAddress: string;
}

/** `localName` is the opaque name under which players find the stream at this ingest: the publishId. */
export type PublishDecision =
  | { readonly accepted: true; readonly localName: string }
  | { readonly accepted: false; readonly code: RefusalCode; readonly message: string };

/** A player asked for a name; relays do, with `relayId` in the query of the name they pull. */
export interface PlayerWaiting {
  readonly localName: string;
  readonly relayId: string | null;
  readonly clientId: string;
}

/** What the agent does with an ingest's events. */
export interface IngestHandlers {
  /** Called before Publish.Start is answered; aborted when the publisher leaves meanwhile or the ingest's deadline passes. Never rejects. */
  decide(request: PublishRequest, signal: AbortSignal): Promise<PublishDecision>;
  /** The publisher is gone; may come twice, late, or for a refused publisher. `bytesIn` is its last count, where it is known. */
  ended(publisher: PublisherRef, reason: "unpublished" | "disconnected" | "idle" | "dropped", bytesIn?: number): void;
  playerWaiting(player: PlayerWaiting): void;
}

/** One publisher as the ingest counts it. */
export interface IngestStat extends PublisherRef {
  readonly localName: string;
  /** Since the publisher connected; only grows within one `ingestInstance` and `clientId`. */
  readonly bytesIn: number;
  readonly videoFrames: number;
  readonly audioFrames: number;
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly players: readonly { readonly clientId: string; readonly lostFrames: number }[];
}

/** The media server on this edge: the embedded one, or an nginx-rtmp that the agent attaches to. One contract suite tests both. */
export interface Ingest {
  /** Serves until aborted; resolves when all connections and loops have ended. `ready` is called once it listens. */
  run(handlers: IngestHandlers, ready: () => void, signal: AbortSignal): Promise<void>;
  /** Where publishers push: rtmp://host:port/app */
  readonly publishUrl: string;
  /** True where players that come late get the stream from its last key frame on; else they wait for the next one. */
  readonly keepsGop: boolean;
  /** What a relay pulls for a local name; `relayId` comes back in `playerWaiting`. */
  pullUrl(localName: string, relayId: string): string;
  /** Disconnects that publisher; false where it is already gone. At most 1 s. */
  drop(publisher: PublisherRef): Promise<boolean>;
  /** Ends one relay's input after all that is queued was flushed; false where it is not there. */
  endPlayer(localName: string, relayId: string): Promise<boolean>;
  /** All publishers now. @throws RigError INGEST_UNREACHABLE */
  stat(): Promise<IngestStat[]>;
}
