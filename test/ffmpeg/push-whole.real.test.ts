import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseFlv } from "../../src/rtmp/flv.ts";
import { isHeader } from "../../src/rtmp/media-cache.ts";
import { MESSAGE, type MediaMessage } from "../../src/rtmp/message.ts";
import type { RtmpSink } from "../../src/rtmp/sink.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { relaySet } from "../../src/services/relay-set.ts";
import { someTarget } from "../support/fake-push.ts";
import { publishClip } from "../support/live-clip.ts";
import { makeClip } from "../support/media-clip.ts";
import { FFMPEG, usePushes } from "../support/push-harness.ts";
import { until } from "../support/until.ts";

type Clip = Awaited<ReturnType<typeof makeClip>>;

const payloads = (messages: readonly MediaMessage[], type: number) =>
  messages
    .filter((message) => message.type === type && !isHeader(message) && message.payload.length > 2)
    .map(({ payload }) => payload.toString("hex"));

describe.skipIf(!FFMPEG).concurrent("the relays of one publish", () => {
  const { sink, source, server, pushOnce, atEnd } = usePushes();
  let clip: Clip;
  let publishes = 0;

  beforeAll(async () => {
    clip = await makeClip({ seconds: 6 });
  });
  afterAll(() => clip.remove());

  /** The relays of a publish that has not begun. */
  function announce() {
    const publishId = `whole-${++publishes}`;
    const { publishUrl, pullUrl } = source().ingest;
    const relays = relaySet({
      ...{ publishId, clock, random: () => 0, push: pushOnce() },
      pullUrl: (relayId) => pullUrl(publishId, relayId),
    });
    atEnd(() => relays.stop());
    /** Once its relays wait for it: one that comes late has missed its beginning. */
    const publish = async (relayCount = 1) => {
      await until(() => source().waiting(publishId) >= relayCount);
      return publishClip(clip.file, `${publishUrl}/${publishId}`, { loop: false });
    };
    return { relays, publish };
  }

  const to = (id: string, port: number) => someTarget({ id, url: `rtmp://127.0.0.1:${port}/app` });

  function expectWhole({ publishes: [first, ...more] }: RtmpSink): void {
    const sent = parseFlv(clip.bytes) ?? [];
    expect(more).toEqual([]);
    for (const type of [MESSAGE.video, MESSAGE.audio])
      expect(payloads(first?.messages ?? [], type)).toEqual(payloads(sent, type));
  }

  it("bring every packet to a healthy destination, from frame 0 to the tail, whatever the others do", async () => {
    const { relays, publish } = announce();
    const [healthy, slow] = [await sink(), await sink({ onPublish: ({ connection }) => connection.pauseReading() })];
    const deaf = await server((socket) => void socket.pause());
    const rude = await server((socket) => void socket.resetAndDestroy());
    relays.apply([to("healthy", healthy.port), to("slow", slow.port), to("deaf", deaf), to("rude", rude)]);
    const publisher = await publish(4);

    await publisher.ended;
    await relays.stop();

    expectWhole(healthy);
    expect(await healthy.publishes[0]?.ended).toBe("unpublished");
    expect(relays.usage().find(({ destinationId }) => destinationId === "healthy")?.egressSeconds).toBeCloseTo(6, 0);
  });

  it("come back after a destination was away, and say how often they tried", async () => {
    const { relays, publish } = announce();
    const first = await sink();
    relays.apply([to("one", first.port)]);
    await publish();
    await until(() => relays.statuses()[0]?.state === "pushing");

    for (const { connection } of first.publishes) connection.destroy();
    await until(() => relays.statuses()[0]?.state === "waiting");
    expect(relays.statuses()[0]).toMatchObject({ reason: "closed", attempt: 1, nextRetryAt: expect.any(Number) });
    await until(() => relays.statuses()[0]?.state === "pushing");

    expect(relays.statuses()[0]).toMatchObject({ reason: null, attempt: 2 });
    expect(first.publishes).toHaveLength(2);
  });

  it("add and remove a destination while live, without a gap in the others", async () => {
    const { relays, publish } = announce();
    const [kept, brief] = [await sink(), await sink()];
    relays.apply([to("kept", kept.port)]);
    const publisher = await publish();
    await until(() => relays.statuses()[0]?.state === "pushing");

    relays.apply([to("kept", kept.port), to("brief", brief.port)]);
    await until(() => brief.publishes.length === 1);
    relays.apply([to("kept", kept.port)]);
    await brief.publishes[0]?.ended;
    await publisher.ended;
    await relays.stop();

    expectWhole(kept);
  });
});
