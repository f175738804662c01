import { createHash } from "node:crypto";
import { afterAll, beforeAll, it } from "vitest";
import type { RtmpClient } from "../../../src/rtmp/client-connection.ts";
import type { RtmpPlayback, RtmpPublisher } from "../../../src/rtmp/client-roles.ts";
import { connectRtmp } from "../../../src/rtmp/connect.ts";
import { type FlvTag, parseFlv } from "../../../src/rtmp/flv.ts";
import { isHeader } from "../../../src/rtmp/media-cache.ts";
import type { MediaMessage } from "../../../src/rtmp/message.ts";
import { parseRtmpUrl } from "../../../src/rtmp/rtmp-url.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import type { Ingest, IngestStat } from "../../../src/services/ingest.ts";
import { makeClip } from "../../support/media-clip.ts";
import { until } from "../../support/until.ts";
import { type RecordingHandlers, recordingHandlers } from "../recording-handlers.ts";
import type { StartedIngest } from "./differences.ts";

interface Played {
  readonly client: RtmpClient;
  readonly playback: RtmpPlayback;
  readonly messages: MediaMessage[];
}

/** What the cases of the contract work with: a running ingest, its handlers, and a clip to publish. */
export interface IngestBench {
  readonly ingest: Ingest;
  readonly handlers: RecordingHandlers;
  /** Path of the clip: 4 s, 30 frames a second, a key frame each second, AAC. */
  readonly clipFile: string;
  /** The same as messages. */
  readonly tags: readonly FlvTag[];
  /** A stream key that no other case uses; it is published under `local-<key>`. */
  nextKey(): string;
  publish(streamKey: string): Promise<{ client: RtmpClient; publisher: RtmpPublisher }>;
  /** Plays a local name and keeps what comes; the ingest knows of the player when this resolves. */
  play(localName: string, relayId: string): Promise<Played>;
  /** Cuts all connections that were made so far. */
  cutClients(): void;
  statOf(localName: string): Promise<IngestStat | null>;
  send(publisher: RtmpPublisher, tags: readonly FlvTag[]): Promise<void>;
  /** Sends the clip at its own speed, over and over, until the signal aborts. */
  sendLive(publisher: RtmpPublisher, signal: AbortSignal): Promise<void>;
}

/** Audio and video alone, as type, time and hash: servers rewrite the metadata, and comparing bytes one by one takes long. */
export const mediaOf = (messages: readonly MediaMessage[]): string[] =>
  messages.filter((message) => message.type !== 18).map(fingerprint);

/** Of audio or video alone, without its headers and without empty messages. */
export const framesOfTrack = (messages: readonly MediaMessage[], type: 8 | 9): string[] =>
  mediaOf(messages.filter((message) => message.type === type && message.payload.length > 0 && !isHeader(message)));

const fingerprint = ({ type, timestamp, payload }: MediaMessage) =>
  `${type} at ${timestamp}: ${payload.length} bytes ${createHash("sha1").update(payload).digest("hex")}`;

const send = async (publisher: RtmpPublisher, tags: readonly FlvTag[]) => {
  for (const tag of tags) await publisher.send(tag);
};

async function sendLive(tags: readonly FlvTag[], publisher: RtmpPublisher, signal: AbortSignal): Promise<void> {
  const roundMs = (tags.at(-1)?.timestamp ?? 0) + 33;
  const startedAt = clock.monotonic();
  for (let round = 0; ; round++)
    for (const tag of tags) {
      if (round > 0 && isHeader(tag)) continue;
      const timestamp = round * roundMs + tag.timestamp;
      await clock.sleep(Math.max(0, timestamp - (clock.monotonic() - startedAt)), signal);
      if (signal.aborted) return;
      await publisher.send({ ...tag, timestamp });
    }
}

type Clip = Awaited<ReturnType<typeof makeClip>>;

/** Declares a case as a test with a fresh ingest of its own, which is stopped after it with whatever the case left open. */
export type BenchedIt = (name: string, work: (bench: IngestBench) => Promise<void>) => void;

/** `it` for the cases of one media server; they may run side by side. */
export function benchedIt(start: () => Promise<StartedIngest>): BenchedIt {
  let clip: Clip;
  let keys = 0;
  beforeAll(async () => {
    clip = await makeClip();
  });
  afterAll(() => clip.remove());
  const nextKey = () => `key${++keys}`;
  return (name, work) =>
    it(name, async () => {
      const { bench, close } = await openBench(await start(), clip, nextKey);
      try {
        await work(bench);
      } finally {
        await close();
      }
    });
}

async function openBench({ ingest, stop }: StartedIngest, clip: Clip, nextKey: () => string) {
  const tags = parseFlv(clip.bytes) ?? [];
  const clients: RtmpClient[] = [];
  const handlers = recordingHandlers();
  const shutdown = new AbortController();
  let running: Promise<void> = Promise.resolve();
  await new Promise<void>((ready, failed) => {
    running = ingest.run(handlers, ready, shutdown.signal);
    running.catch(failed);
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  const cutClients = () => {
    for (const client of clients) client.destroy();
  };
  const connect = async (url: string) => {
    const { host, port, app, name } = parseRtmpUrl(url)!;
    const client = await connectRtmp({ host, port, app, clock });
    clients.push(client);
    return { client, name };
  };
  const bench: IngestBench = {
    ...{ ingest, handlers, clipFile: clip.file, tags, nextKey, cutClients, send },
    async publish(streamKey) {
      const { client, name } = await connect(`${ingest.publishUrl}/${streamKey}`);
      return { client, publisher: await client.publish(name) };
    },
    async play(localName, relayId) {
      const { client, name } = await connect(ingest.pullUrl(localName, relayId));
      const messages: MediaMessage[] = [];
      const playback = await client.play(name, (message) => messages.push(message));
      await until(() => handlers.players.some((player) => player.relayId === relayId));
      return { client, playback, messages };
    },
    statOf: async (localName) => (await ingest.stat()).find((one) => one.localName === localName) ?? null,
    sendLive: (publisher, signal) => sendLive(tags, publisher, signal),
  };
  const close = async () => {
    cutClients();
    shutdown.abort();
    await running;
    await stop();
  };
  return { bench, close };
}
