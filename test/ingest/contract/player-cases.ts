import { expect } from "vitest";
import type { FlvTag } from "../../../src/rtmp/flv.ts";
import { isHeader } from "../../../src/rtmp/media-cache.ts";
import { readVideoTag } from "../../../src/rtmp/video-tag.ts";
import { until } from "../../support/until.ts";
import type { IngestDifferences } from "./differences.ts";
import { type BenchedIt, framesOfTrack, mediaOf } from "./ingest-bench.ts";

const isVideo = (tag: FlvTag) => tag.type === 9 && !isHeader(tag);
const isKey = (tag: FlvTag) => isVideo(tag) && readVideoTag(tag.payload)?.isKey === true;
const countMedia = (tags: readonly FlvTag[]) => tags.filter((tag) => tag.type !== 18).length;

const bytesOf = (tags: readonly FlvTag[]) =>
  tags.reduce((sum, { type, payload }) => sum + (type === 18 ? 0 : payload.length), 0);

/** All audio and video that was sent has arrived, in order. */
function expectWhole(received: readonly FlvTag[], sent: readonly FlvTag[], differences: IngestDifferences): void {
  if (!differences.leavesOutEarlyAudio) {
    expect(mediaOf(received)).toEqual(mediaOf(sent));
    return;
  }
  const firstKeyAt = sent.find(isKey)?.timestamp ?? 0;
  const late = sent.filter(({ timestamp }) => timestamp >= firstKeyAt);
  expect(framesOfTrack(received, 9)).toEqual(framesOfTrack(sent, 9));
  expect(framesOfTrack(received, 8)).toEqual(framesOfTrack(late, 8));
}

/** What players get, and when. */
export function playerCases(it: BenchedIt, differences: IngestDifferences): void {
  it("lets players wait for a name, and gives each of them everything from frame 0 to the last", async (bench) => {
    const key = bench.nextKey();
    const relays = [`${key}-a`, `${key}-b`];
    const players = await Promise.all(relays.map((relayId) => bench.play(`local-${key}`, relayId)));

    const { publisher } = await bench.publish(key);
    await bench.send(publisher, bench.tags);
    await publisher.end();
    if (!differences.endsPlayers) for (const relayId of relays) await bench.ingest.endPlayer(`local-${key}`, relayId);
    for (const { playback } of players) await playback.ended;

    expect(bench.handlers.players).toContainEqual({
      localName: `local-${key}`,
      relayId: `${key}-a`,
      clientId: expect.any(String),
    });
    for (const { messages } of players) expectWhole(messages, bench.tags, differences);
  });

  it("starts a player that comes late with the headers and a key frame, and leaves nothing out after it", async (bench) => {
    const key = bench.nextKey();
    const live = new AbortController();
    const { publisher } = await bench.publish(key);
    const sending = bench.sendLive(publisher, live.signal);
    const some = bytesOf(
      bench.tags.slice(
        0,
        bench.tags.findIndex((tag) => isKey(tag) && tag.timestamp > 1_000),
      ),
    );
    await until(async () => ((await bench.statOf(`local-${key}`))?.bytesIn ?? 0) > some);

    const { messages } = await bench.play(`local-${key}`, key);
    await until(() => messages.filter(isVideo).length > 40);
    live.abort();
    await sending;

    const [first, ...video] = messages.filter((message) => message.type === 9);
    const sent = bench.tags.filter(isVideo);
    const begin = sent.findIndex((tag) => tag.payload.equals(video[0]!.payload));
    const expected = video.map((_, at) => sent[(begin + at) % sent.length]!.payload);
    expect(first && isHeader(first)).toBe(true);
    expect(isKey(video[0]!)).toBe(true);
    expect(video.map(({ payload }) => payload)).toEqual(expected);
  });

  if (differences.keepsGop)
    it("gives a late player the last group of pictures at once", async (bench) => {
      const key = bench.nextKey();
      const some = bench.tags.slice(0, 100);
      const group = some.slice(some.findLastIndex(isKey));
      const { publisher } = await bench.publish(key);
      await bench.send(publisher, some);
      await until(async () => (await bench.statOf(`local-${key}`))?.videoFrames === some.filter(isVideo).length);

      const { messages } = await bench.play(`local-${key}`, key);
      await until(() => messages.length >= group.length + 3);

      expect(messages.slice(0, 3).every(isHeader)).toBe(true);
      expect(mediaOf(messages.slice(3))).toEqual(mediaOf(group));
    });

  it("ends one relay's input after what it was sent, and leaves the others alone", async (bench) => {
    const key = bench.nextKey();
    const ended = await bench.play(`local-${key}`, `${key}-a`);
    const kept = await bench.play(`local-${key}`, `${key}-b`);
    const { publisher } = await bench.publish(key);
    const before = bench.tags.slice(0, 100);
    await bench.send(publisher, before);
    await until(() => countMedia(kept.messages) === countMedia(before));

    const wasThere = await bench.ingest.endPlayer(`local-${key}`, `${key}-a`);
    await ended.playback.ended;
    await bench.send(publisher, bench.tags.slice(100));
    await until(() => countMedia(kept.messages) === countMedia(bench.tags));

    expect(wasThere).toBe(true);
    expectWhole(ended.messages, before, differences);
    expectWhole(kept.messages, bench.tags, differences);
    await until(async () => !(await bench.ingest.endPlayer(`local-${key}`, `${key}-a`)));
  });

  it("counts what a publisher sends, under its local name", async (bench) => {
    const key = bench.nextKey();
    const player = await bench.play(`local-${key}`, key);
    const { publisher } = await bench.publish(key);
    await bench.send(publisher, bench.tags);
    await until(() => countMedia(player.messages) === countMedia(bench.tags));

    const stat = (await bench.statOf(`local-${key}`))!;

    const { clientId, ingestInstance } = bench.handlers.requests[0]!.request;
    expect(stat).toMatchObject({ clientId, ingestInstance, localName: `local-${key}` });
    expect([stat.videoCodec?.toLowerCase(), stat.audioCodec?.toLowerCase()]).toEqual(["h264", "aac"]);
    expect(stat.bytesIn).toBeGreaterThanOrEqual(bytesOf(bench.tags));
    expect(stat.videoFrames).toBeGreaterThanOrEqual(differences.countsFrames ? bench.tags.filter(isVideo).length : 0);
    expect(stat.players.map(({ lostFrames }) => lostFrames)).toEqual([0]);
  });

  for (const type of [8, 9] as const)
    it(`takes a publish with messages of type ${type} alone`, async (bench) => {
      const key = bench.nextKey();
      const some = bench.tags.filter((tag) => tag.type === type && !isHeader(tag));
      const { publisher } = await bench.publish(key);
      await bench.send(
        publisher,
        bench.tags.filter((tag) => tag.type === type),
      );

      const count = async (of: "audioFrames" | "videoFrames") => (await bench.statOf(`local-${key}`))?.[of] ?? 0;
      const bytesIn = async () => (await bench.statOf(`local-${key}`))?.bytesIn ?? 0;
      if (differences.countsFrames)
        await until(async () => (await count(type === 8 ? "audioFrames" : "videoFrames")) >= some.length);
      else await until(async () => (await bytesIn()) > bytesOf(some));

      expect(await count(type === 8 ? "videoFrames" : "audioFrames")).toBe(0);
    });

  it("keeps a player that does not read from disturbing the publisher and the others", async (bench) => {
    const key = bench.nextKey();
    const slow = await bench.play(`local-${key}`, `${key}-slow`);
    const healthy = await bench.play(`local-${key}`, `${key}-healthy`);
    const { publisher } = await bench.publish(key);
    const head = bench.tags.slice(0, 10);
    await bench.send(publisher, head);
    slow.playback.pause();
    // 40 groups of a 400 KB key frame and 5 small ones: 16 MB, far over what any queue or socket takes
    const start = bench.tags.find(isKey)!.payload.subarray(0, 5);
    const big = Buffer.concat([start, Buffer.alloc(400_000, 1)]);
    const small = bench.tags.find((tag) => isVideo(tag) && !isKey(tag))!.payload;
    const flood = Array.from({ length: 240 }, (_, at): FlvTag => {
      return { type: 9, timestamp: 5_000 + 33 * at, payload: at % 6 === 0 ? big : small };
    });

    for (const tag of flood) {
      await publisher.send(tag);
      await until(() => healthy.messages.at(-1)?.timestamp === tag.timestamp, { stepMs: 1 });
    }

    const lost = (await bench.statOf(`local-${key}`))!.players
      .map(({ lostFrames }) => lostFrames)
      .sort((a, b) => a - b);
    expectWhole(healthy.messages, [...head, ...flood], differences);
    expect(lost[0]).toBe(0);
    if (differences.countsLostFrames) expect(lost[1]).toBeGreaterThan(0);
  });
}
