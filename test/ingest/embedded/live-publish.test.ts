import { beforeEach, describe, expect, it } from "vitest";
import { LivePlayer } from "../../../src/ingest/embedded/live-player.ts";
import { LivePublish } from "../../../src/ingest/embedded/live-publish.ts";
import { encodeAmf0 } from "../../../src/rtmp/amf0.ts";
import { ChunkReader } from "../../../src/rtmp/chunk-reader.ts";
import { DEFAULT_LIMITS } from "../../../src/rtmp/limits.ts";
import type { MediaMessage } from "../../../src/rtmp/message.ts";
import type { RtmpServerConnection } from "../../../src/rtmp/server-connection.ts";
import type { RtmpPlayer } from "../../../src/rtmp/server-player.ts";

const QUEUE_BYTES = 1_000;
const body = (head: number[], bytes = 20) => Buffer.concat([Buffer.from(head), Buffer.alloc(bytes)]);
const message = (type: MediaMessage["type"], timestamp: number, payload: Buffer): MediaMessage => ({
  type,
  timestamp,
  payload,
});
const metadata = message(18, 0, encodeAmf0("onMetaData", null));
const videoHeader = message(9, 0, body([0x17, 0]));
const audioHeader = message(8, 0, body([0xaf, 0]));
const key = (timestamp: number, bytes?: number) => message(9, timestamp, body([0x17, 1], bytes));
const inter = (timestamp: number) => message(9, timestamp, body([0x27, 1]));
const audio = (timestamp: number) => message(8, timestamp, body([0xaf, 1]));

/** What a player was sent, in short: `key 40`, `audio 60`, …; its queue is as full as the test says. */
function fakePlayer() {
  const reader = new ChunkReader(DEFAULT_LIMITS);
  const names: string[] = [];
  const tell = ({ type, timestamp, payload }: { type: number; timestamp: number; payload: Buffer }) => {
    if (type === 18) names.push("metadata");
    else if (payload[1] === 0) names.push(type === 9 ? "video header" : "audio header");
    else names.push(`${type === 8 ? "audio" : payload[0] === 0x17 ? "key" : "inter"} ${timestamp}`);
  };
  const rtmp = {
    streamId: 1,
    chunkSize: 128,
    queuedBytes: 0,
    sendChunks: (wire: Buffer) => {
      reader.push(wire, tell);
    },
    end: () => {},
  };
  const player = new LivePlayer(rtmp as unknown as RtmpPlayer, { clientId: "7", relayId: null }, QUEUE_BYTES);
  return { rtmp, player, names };
}

describe("a live publish", () => {
  let players: Set<LivePlayer>;
  let publish: LivePublish;
  let nowMs: number;
  beforeEach(() => {
    nowMs = 0;
    players = new Set();
    publish = new LivePublish({
      publisher: { ingestInstance: "boot", clientId: "1" },
      localName: "local",
      connection: { bytesIn: 99 } as RtmpServerConnection,
      players,
      gopMaxBytes: 500,
      monotonic: () => nowMs,
    });
  });
  const take = (...messages: MediaMessage[]) => {
    for (const one of messages) publish.take(one);
  };
  const join = () => {
    const one = fakePlayer();
    publish.join(one.player);
    players.add(one.player);
    return one;
  };

  it("gives a waiting player everything but pictures that nobody can decode", () => {
    const waiting = fakePlayer();
    players.add(waiting.player);

    take(metadata, videoHeader, audioHeader, audio(0), inter(0), key(40), inter(80));

    expect(waiting.names).toEqual(["metadata", "video header", "audio header", "audio 0", "key 40", "inter 80"]);
    expect(waiting.player.lostFrames).toBe(0);
  });

  it("gives a late player headers and the newest group of pictures, then what follows", () => {
    take(metadata, audioHeader, videoHeader, key(0), inter(40), key(80), audio(90), inter(120));

    const late = join();
    take(inter(160));

    const group = ["key 80", "audio 90", "inter 120", "inter 160"];
    expect(late.names).toEqual(["metadata", "video header", "audio header", ...group]);
  });

  it("lets a late player wait for the next key frame where the group was too big to keep", () => {
    take(videoHeader, key(0, 400), inter(40), key(80, 600));

    const late = join();
    take(inter(120), audio(130), key(160), audio(170));

    expect(late.names).toEqual(["video header", "key 160", "audio 170"]);
    expect(late.player.lostFrames).toBe(0);
  });

  it("starts a late player of sound alone at once", () => {
    take(audioHeader, audio(0));

    const late = join();
    take(audio(20));

    expect(late.names).toEqual(["audio header", "audio 20"]);
  });

  it("leaves frames out for a slow player until a key frame finds half its queue free, and counts them", () => {
    take(videoHeader, key(0));
    const [slow, healthy] = [join(), join()];

    slow.rtmp.queuedBytes = QUEUE_BYTES + 1;
    take(inter(40), audio(50), key(80));
    slow.rtmp.queuedBytes = QUEUE_BYTES / 2 + 1;
    take(key(100));
    slow.rtmp.queuedBytes = QUEUE_BYTES / 2;
    take(inter(120), key(160), inter(200));

    expect(slow.names.slice(2)).toEqual(["key 160", "inter 200"]);
    expect(slow.player.lostFrames).toBe(5);
    expect(healthy.names.slice(2)).toEqual([
      ...["inter 40", "audio 50", "key 80", "key 100"],
      ...["inter 120", "key 160", "inter 200"],
    ]);
    expect(publish.stat().players).toEqual([
      { clientId: "7", lostFrames: 5 },
      { clientId: "7", lostFrames: 0 },
    ]);
  });

  it("tells a slow player the headers that changed while it was left out", () => {
    take(videoHeader, key(0));
    const slow = join();

    slow.rtmp.queuedBytes = QUEUE_BYTES + 1;
    take(inter(40), message(9, 60, body([0x17, 0, 5])));
    slow.rtmp.queuedBytes = 0;
    take(key(80), inter(120));

    expect(slow.names.slice(2)).toEqual(["video header", "key 80", "inter 120"]);
  });

  it("counts frames and names codecs, and knows how long nothing has come", () => {
    take(metadata, videoHeader, audioHeader, key(0), inter(40), audio(50));
    nowMs = 3_000;

    expect(publish.stat()).toMatchObject({
      bytesIn: 99,
      videoFrames: 2,
      audioFrames: 1,
      videoCodec: "h264",
      audioCodec: "aac",
    });
    expect(publish.idleMs).toBe(3_000);
  });
});
