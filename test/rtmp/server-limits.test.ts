import { describe, expect, it } from "vitest";
import { chunkMessage } from "../../src/rtmp/chunk-writer.ts";
import { CONTROL, MESSAGE, numberMessage, readUserControl, userControl } from "../../src/rtmp/message.ts";
import { clientHandshake, command, connectCommand, createStream, mediaBytes, publishCommand } from "./raw-peer.ts";
import { frame, serve } from "./serve-raw.ts";

describe("a server connection with a bad peer", () => {
  it.each([
    ["HTTP", [Buffer.from("GET / HTTP/1.1\r\n\r\n")], "HANDSHAKE"],
    ["encrypted RTMP", [Buffer.concat([Buffer.of(6), Buffer.alloc(3072)])], "HANDSHAKE"],
    [
      "a command that cannot be read",
      [clientHandshake(), command("connect", 1, []).subarray(0, 20), Buffer.alloc(20)],
      "PROTOCOL",
    ],
    ["a command before connect", [clientHandshake(), createStream()], "PROTOCOL"],
    ["a second connect", [clientHandshake(), connectCommand(), connectCommand()], "PROTOCOL"],
    [
      "a message over the limit for commands",
      [clientHandshake(), mediaBytes({ ...frame, payload: Buffer.alloc(65_537) })],
      "LIMIT",
    ],
    ["nine net streams", [clientHandshake(), connectCommand(), ...Array.from({ length: 9 }, createStream)], "LIMIT"],
    [
      "commands without end",
      [clientHandshake(), connectCommand(), ...Array.from({ length: 70 }, () => command("x", 0, []))],
      "LIMIT",
    ],
  ])("hangs up on %s", async (_what, parts, code) => {
    const { peer, settle, closed } = serve();

    peer.send(...parts);
    await settle();

    expect(closed).toMatchObject([{ error: { code } }]);
  });

  it("cuts a peer that makes it answer and does not read", async () => {
    const { peer, theirs, settle, closed } = serve({}, { maxQueuedBytes: 20_000, maxCommands: 100_000 });
    peer.send(clientHandshake(), connectCommand());
    await settle();

    theirs.pause();
    for (let i = 0; i < 2_000; i++) peer.send(command("getStreamLength", 5, [null]));
    await settle();

    expect(closed).toMatchObject([{ error: { code: "LIMIT" } }]);
  });
});

describe("a server connection in time", () => {
  const published = [clientHandshake(), connectCommand(), createStream(), publishCommand()];

  it.each([
    ["the handshake", [], 5_000],
    ["the rest of the handshake", [clientHandshake().subarray(0, 2_000)], 5_000],
    ["connect", [clientHandshake()], 5_000],
    ["publish or play", [clientHandshake(), connectCommand(), createStream()], 10_000],
  ])("waits for %s so long and no longer", async (_what, parts, ms) => {
    const { peer, clock, closed } = serve();
    peer.send(...parts);

    await clock.advance(ms - 1_500);
    const early = closed.length;
    await clock.advance(2_500);

    expect(early).toBe(0);
    expect(closed).toMatchObject([{ error: { code: "TIMEOUT" } }]);
    expect(clock.sleepers()).toBe(0);
  });

  it("asks for a sign of life every 20 s and hangs up 10 s after one that was not answered by a byte", async () => {
    const { peer, clock, closed, ends } = serve();
    peer.send(...published);
    const pings = () =>
      peer.messages.filter((one) => one.type === 4 && readUserControl(one.payload)?.event === CONTROL.ping);

    await clock.advance(21_000);
    const asked = pings().length;
    peer.send(chunkMessage(userControl(CONTROL.pong, 0), 128));
    await clock.advance(20_000);
    const [askedAgain, alive] = [pings().length, closed.length];
    await clock.advance(11_000);

    expect([asked, askedAgain, alive]).toEqual([1, 2, 0]);
    expect(closed).toMatchObject([{ error: { code: "TIMEOUT" } }]);
    expect(ends).toEqual(["closed"]);
  });

  it("answers a ping, and acknowledges at the window that the peer asked for", async () => {
    const { peer, settle, connection } = serve();
    const window = chunkMessage(numberMessage(MESSAGE.windowAckSize, 5_000), 128);

    peer.send(...published, window, chunkMessage(userControl(CONTROL.ping, 77), 128));
    await settle();
    for (let i = 0; i < 6; i++) {
      peer.send(mediaBytes({ ...frame, payload: Buffer.alloc(2_000) }));
      await settle();
    }

    const pong = peer.messages.find((one) => one.type === 4 && readUserControl(one.payload)?.event === CONTROL.pong);
    const acks = peer.messages.filter(({ type }) => type === 3).map(({ payload }) => payload.readUInt32BE(0));
    expect(readUserControl(pong!.payload)?.value).toBe(77);
    expect(acks.length).toBeGreaterThanOrEqual(2);
    expect(acks.at(-1)).toBeGreaterThan(connection.bytesIn - 5_000);
  });

  it("does not wait for ever for the peer's end", async () => {
    const { peer, theirs, clock, connection, closed } = serve();
    peer.send(...published);
    await clock.advance(0);
    theirs.pause();

    connection.end();
    await clock.advance(3_100);

    expect(closed).toEqual([{ error: null }]);
    expect(clock.sleepers()).toBe(0);
  });

  it("leaves a peer alone while it does not read itself", async () => {
    const { peer, clock, connection, closed } = serve();
    peer.send(...published);
    await clock.advance(0);

    connection.pauseReading();
    await clock.advance(120_000);

    expect(closed).toEqual([]);
  });
});
