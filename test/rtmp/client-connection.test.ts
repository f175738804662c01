import { describe, expect, it } from "vitest";
import { encodeAmf0 } from "../../src/rtmp/amf0.ts";
import { connectOver } from "../../src/rtmp/connect.ts";
import type { MediaMessage } from "../../src/rtmp/message.ts";
import { RtmpServerConnection } from "../../src/rtmp/server-connection.ts";
import type { RtmpHandlers } from "../../src/rtmp/server-handlers.ts";
import type { RtmpPlayer } from "../../src/rtmp/server-player.ts";
import { duplexPair } from "../support/duplex-pair.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";

const frame: MediaMessage = { type: 9, timestamp: 0x1000000, payload: Buffer.from([0x17, 1, 0, 0, 0, 9]) };

/** A client and a server at the two ends of one connection. */
function pair(handlers: Partial<RtmpHandlers> = {}, signal?: AbortSignal) {
  const [ours, theirs] = duplexPair();
  const clock = fakeClock();
  const taken: MediaMessage[] = [];
  const ends: string[] = [];
  const sink = { message: (message: MediaMessage) => taken.push(message), ended: (how: string) => ends.push(how) };
  const server = new RtmpServerConnection(
    theirs,
    { publish: async () => ({ sink }), play: () => ({ refusal: "nothing there" }), ...handlers },
    { clock },
  );
  const options = { app: "live", tcUrl: "rtmp://h/live", clock, limits: { stallMs: 8_000 } };
  const connected = connectOver(ours, signal ? { ...options, signal } : options);
  return { connected, server, clock, taken, ends, ours, theirs };
}

describe("a client connection", () => {
  it("publishes across 2^24 ms, data as @setDataFrame, and says goodbye", async () => {
    const { connected, taken, ends } = pair();
    const publisher = await (await connected).publish("name");
    const metadata: MediaMessage = { type: 18, timestamp: 0, payload: encodeAmf0("onMetaData", { width: 2 }) };

    for (const message of [metadata, frame]) await publisher.send(message);
    await publisher.end();

    expect(taken).toEqual([metadata, frame]);
    expect(ends).toEqual(["unpublished"]);
  });

  it("rejects with the server's own words where it is refused", async () => {
    const { connected } = pair({ publish: async () => ({ refusal: "wrong key" }) });

    const refused = (await connected).publish("name");

    await expect(refused).rejects.toMatchObject({
      code: "REFUSED",
      status: "NetStream.Publish.BadName",
      message: "NetStream.Publish.BadName: wrong key",
    });
  });

  it("rejects where the application is refused, or the server hangs up", async () => {
    const refused = pair({ connect: () => ({ refusal: "no such application" }) });
    const cut = pair();
    cut.theirs.destroy();

    await expect(refused.connected).rejects.toMatchObject({
      code: "REFUSED",
      status: "NetConnection.Connect.Rejected",
    });
    await expect(cut.connected).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("gives up on a server that accepts and says nothing", async () => {
    const [ours] = duplexPair();
    const clock = fakeClock();
    const connecting = connectOver(ours, { app: "live", tcUrl: "", clock }).catch((error: unknown) => error);

    await clock.advance(7_000);

    expect(await connecting).toMatchObject({ code: "TIMEOUT" });
    expect(clock.sleepers()).toBe(0);
  });

  it("ends at once when its signal aborts", async () => {
    const stop = new AbortController();
    const { connected, ends } = pair({}, stop.signal);
    const client = await connected;
    const publisher = await client.publish("name");

    stop.abort();

    expect(await client.closed).toBeNull();
    await expect(publisher.send(frame)).rejects.toMatchObject({ code: "CLOSED" });
    await until(() => ends[0] === "closed");
  });

  it("waits in send for a server that does not read, and fails when nothing moves any more", async () => {
    const { connected, server, clock, taken } = pair();
    const publisher = await (await connected).publish("name");
    const big = { ...frame, payload: Buffer.alloc(200_000, 1) };
    server.pauseReading();
    let hasSent = false;

    const sending = publisher.send(big).then(() => {
      hasSent = true;
    });
    await clock.advance(1_000);
    const sentEarly = hasSent;
    server.resumeReading();
    await sending;
    await until(() => taken.length === 1);
    server.pauseReading();
    const stuck = publisher.send(big).catch((error: unknown) => error);
    await clock.advance(10_000);

    expect(sentEarly).toBe(false);
    expect(await stuck).toMatchObject({ code: "TIMEOUT" });
  });

  it("plays what comes, sees the end of the stream, and keeps the last message", async () => {
    let player: RtmpPlayer | null = null;
    const session = { started: (started: RtmpPlayer) => (player = started), stopped: () => {} };
    const { connected } = pair({
      play: ({ name }) => (name === "name?relay=1" ? session : { refusal: "nothing there" }),
    });
    const client = await connected;
    const messages: MediaMessage[] = [];
    const playback = await client.play("name?relay=1", (message) => messages.push(message));

    for (const timestamp of [1, 2]) player!.send({ ...frame, timestamp });
    player!.end();
    await playback.ended;

    expect(messages.map(({ timestamp }) => timestamp)).toEqual([1, 2]);
    expect(await client.closed).toBeNull();
  });

  it("rejects a play that is refused", async () => {
    const { connected } = pair();

    await expect((await connected).play("name", () => {})).rejects.toMatchObject({ status: "NetStream.Play.Failed" });
  });
});
