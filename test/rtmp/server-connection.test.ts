import { describe, expect, it } from "vitest";
import { encodeAmf0 } from "../../src/rtmp/amf0.ts";
import { chunkMessage } from "../../src/rtmp/chunk-writer.ts";
import { CONTROL, readUserControl } from "../../src/rtmp/message.ts";
import type { PublishVerdict } from "../../src/rtmp/server-handlers.ts";
import type { RtmpPlayer } from "../../src/rtmp/server-player.ts";
import { until } from "../support/until.ts";
import {
  clientHandshake,
  command,
  connectCommand,
  createStream,
  mediaBytes,
  playCommand,
  publishCommand,
} from "./raw-peer.ts";
import { frame, serve } from "./serve-raw.ts";

describe("a server connection", () => {
  it("greets with zeroes where a digest would be asked for, and echoes the client's block", async () => {
    const { peer, settle } = serve();

    peer.send(clientHandshake());
    await settle();

    expect(peer.handshake().length).toBe(3073);
    expect([...peer.handshake().subarray(0, 9)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(peer.handshake().subarray(1537).equals(clientHandshake().subarray(1, 1537))).toBe(true);
  });

  it("answers the commands of encoders, and unknown ones with _error", async () => {
    const { peer, settle } = serve();

    peer.send(clientHandshake(), connectCommand(), command("releaseStream", 2, [null, "name"]));
    peer.send(
      command("FCPublish", 3, [null, "name"]),
      command("_checkbw", 4, [null]),
      command("getStreamLength", 5, [null]),
    );
    peer.send(createStream(), command("createStream", 7, [null]), command("fly", 8, [null]), command("fly", 0, [null]));
    await settle();

    expect(peer.commands().map(({ name, transaction }) => `${name} ${transaction}`)).toEqual([
      ...["_result 1", "_result 2", "onFCPublish 0", "_result 3", "_result 4", "_result 5"],
      ...["_result 2", "_result 7", "_error 8"],
    ]);
    expect(peer.commands().at(-2)?.args).toEqual([null, 2]);
    expect(peer.messages.slice(0, 3).map(({ type }) => type)).toEqual([5, 6, 20]); // the chunk size is not handed over
    expect(peer.commands()[0]?.args[1]).toMatchObject({ code: "NetConnection.Connect.Success", objectEncoding: 0 });
  });

  it("takes commands of AMF3 clients, whose bodies are AMF0 after one byte", async () => {
    const { peer, settle } = serve();
    const body = Buffer.concat([Buffer.of(0), encodeAmf0("connect", 1, { app: "live", objectEncoding: 3 })]);

    peer.send(clientHandshake(), chunkMessage({ type: 17, timestamp: 0, streamId: 0, payload: body }, 128));
    await settle();

    expect(peer.codes()).toEqual(["NetConnection.Connect.Success"]);
  });

  it("starts a publish after the verdict alone, and then hands over what came before it", async () => {
    let decide: (verdict: PublishVerdict) => void = () => {};
    const offers: unknown[] = [];
    const { peer, settle, taken, sink } = serve({
      publish: (offer) => {
        offers.push(offer);
        return new Promise((resolve) => {
          decide = resolve;
        });
      },
    });

    peer.send(
      clientHandshake(),
      connectCommand("live/?x=1"),
      createStream(),
      publishCommand("key?a=b"),
      mediaBytes(frame),
    );
    await settle();
    const [codesBefore, takenBefore] = [peer.codes(), [...taken]];
    decide({ sink });
    await settle();

    expect(offers).toEqual([{ app: "live", name: "key?a=b" }]);
    expect(codesBefore).not.toContain("NetStream.Publish.Start");
    expect(takenBefore).toEqual([]);
    expect(peer.codes()).toContain("NetStream.Publish.Start");
    expect(taken).toEqual([frame]);
  });

  it.each([
    ["a refusal", async () => ({ refusal: "wrong key" })],
    ["a decision that fails", () => Promise.reject(new Error("bug"))],
  ])("says BadName and closes after %s", async (_what, publish) => {
    const { peer, settle, taken, closed } = serve({ publish });

    peer.send(clientHandshake(), connectCommand(), createStream(), publishCommand(), mediaBytes(frame));
    await settle();

    expect(peer.codes().at(-1)).toBe("NetStream.Publish.BadName");
    expect(peer.hasEnded()).toBe(true);
    expect(taken).toEqual([]);
    expect(closed).toEqual([{ error: null }]);
  });

  it("aborts the decision when the publisher leaves, and ends a sink that comes too late", async () => {
    let late: (verdict: PublishVerdict) => void = () => {};
    let signal: AbortSignal | null = null;
    const { peer, theirs, settle, sink, ends } = serve({
      publish: (_offer, left) => {
        signal = left;
        return new Promise((resolve) => {
          late = resolve;
        });
      },
    });
    peer.send(clientHandshake(), connectCommand(), createStream(), publishCommand());
    await settle();

    theirs.end();
    await settle();
    const isAborted = (signal as AbortSignal | null)?.aborted;
    late({ sink });
    await settle();

    expect(isAborted).toBe(true);
    expect(ends).toEqual(["closed"]);
  });

  it("stops reading while too much waits for a verdict, and loses nothing of it", async () => {
    let decide: (verdict: PublishVerdict) => void = () => {};
    const { peer, theirs, settle, sink, taken } = serve(
      { publish: () => new Promise((resolve) => (decide = resolve)) },
      { maxHeldBytes: 10_000 },
    );
    const many = Array.from({ length: 400 }, (_, timestamp) => ({
      ...frame,
      timestamp,
      payload: Buffer.alloc(1_000, 1),
    }));
    peer.send(clientHandshake(), connectCommand(), createStream(), publishCommand());
    await settle();

    for (const one of many) peer.send(mediaBytes(one));
    await settle();
    const waiting = theirs.writableLength;
    decide({ sink });
    await until(() => taken.length === many.length);

    expect(waiting).toBeGreaterThan(200_000);
    expect(taken.every((one, at) => one.timestamp === at && one.payload.length === 1_000)).toBe(true);
  });

  it.each([
    ["deleteStream", [command("deleteStream", 0, [null, 1])], "unpublished"],
    ["closeStream", [command("closeStream", 0, [null], 1)], "unpublished"],
    ["FCUnpublish and a cut", [command("FCUnpublish", 4, [null, "name"])], "unpublished"],
    ["a cut alone", [], "closed"],
  ])("tells once how a publish ended: %s", async (_what, goodbye, how) => {
    const { peer, theirs, settle, ends } = serve();
    peer.send(clientHandshake(), connectCommand(), createStream(), publishCommand(), mediaBytes(frame));
    await settle();

    peer.send(...goodbye);
    theirs.end();
    await settle();

    expect(ends).toEqual([how]);
  });

  it("plays what it is sent, with this player's stream id, and ends the stream after it", async () => {
    let player: RtmpPlayer | null = null;
    let isStopped = false;
    const { peer, settle, closed } = serve(
      {
        play: () => ({
          started: (started) => {
            player = started;
          },
          stopped: () => {
            isStopped = true;
          },
        }),
      },
      { chunkSize: 60_000 },
    );
    peer.send(clientHandshake(), connectCommand(), createStream(), playCommand());
    await settle();
    const big = { ...frame, payload: Buffer.alloc(50_000, 3) };

    player!.send(frame);
    player!.sendChunks(chunkMessage({ ...big, streamId: player!.streamId }, player!.chunkSize));
    player!.end();
    await settle();

    const codes = ["NetStream.Play.Reset", "NetStream.Play.Start", "NetStream.Play.UnpublishNotify"];
    expect(peer.codes().slice(1)).toEqual(codes);
    const video = peer.messages.filter(({ type }) => type === 9);
    expect(video[0]).toEqual({ ...frame, streamId: 1 });
    expect(video[1]?.payload.equals(big.payload)).toBe(true);
    expect(peer.messages.filter(({ type }) => type === 4).map((one) => readUserControl(one.payload)?.event)).toEqual([
      CONTROL.streamBegin,
      CONTROL.streamEof,
    ]);
    expect([isStopped, closed]).toEqual([true, [{ error: null }]]);
  });

  it("refuses a second role on one connection, and ends the first", async () => {
    const { peer, settle, ends } = serve();

    peer.send(clientHandshake(), connectCommand(), createStream(), publishCommand());
    await settle();
    peer.send(playCommand());
    await settle();

    expect(peer.codes().at(-1)).toBe("NetStream.Play.Failed");
    expect(ends).toEqual(["closed"]);
  });

  it("refuses an application in words", async () => {
    const { peer, settle } = serve({ connect: () => ({ refusal: "no such application" }) });

    peer.send(clientHandshake(), connectCommand("other"));
    await settle();

    expect(peer.codes()).toEqual(["NetConnection.Connect.Rejected"]);
    expect(peer.hasEnded()).toBe(true);
  });

  it("takes a malformed connect for an application without a name", async () => {
    const { peer, settle } = serve({ connect: (app) => (app === "live" ? null : { refusal: "no such application" }) });

    peer.send(clientHandshake(), command("connect", 1, [[null, 5, { app: 7 }]]));
    await settle();

    expect(peer.codes()).toEqual(["NetConnection.Connect.Rejected"]);
  });

  it("ends alone when its handler throws", async () => {
    const bug = new Error("bug");
    const sink = {
      message: () => {
        throw bug;
      },
      ended: () => {},
    };
    const { peer, settle, closed } = serve({ publish: async () => ({ sink }) });

    peer.send(clientHandshake(), connectCommand(), createStream(), publishCommand());
    await settle();
    peer.send(mediaBytes(frame));
    await settle();

    expect(closed).toMatchObject([{ error: { code: "HANDLER", cause: bug } }]);
  });
});
