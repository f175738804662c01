import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { describe, expect, it } from "vitest";
import { isRigError } from "../../../src/domain/errors.ts";
import { embeddedIngest } from "../../../src/ingest/embedded/embedded-ingest.ts";
import type { IngestLimits } from "../../../src/ingest/embedded/ingest-limits.ts";
import { connectRtmp } from "../../../src/rtmp/connect.ts";
import type { MediaMessage } from "../../../src/rtmp/message.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { clientHandshake, command, connectCommand, createStream, publishCommand } from "../../rtmp/raw-peer.ts";
import { silentLog as log } from "../../support/silent-log.ts";
import { until } from "../../support/until.ts";
import { recordingHandlers } from "../recording-handlers.ts";

const host = "127.0.0.1";
const frame = (timestamp: number): MediaMessage => ({
  type: 9,
  timestamp,
  payload: Buffer.from([0x17, 1, 0, 0, 0, 9]),
});

async function startIngest(limits: Partial<IngestLimits> = {}, listenPort = 0) {
  const ingest = embeddedIngest({ listenHost: host, listenPort, app: "live", instance: "boot", clock, log, limits });
  const handlers = recordingHandlers();
  const stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  await new Promise<void>((ready, failed) => {
    running = ingest.run(handlers, ready, stop.signal);
    running.catch(failed);
  });
  const port = Number(new URL(ingest.publishUrl.replace("rtmp:", "http:")).port);
  return {
    ingest,
    handlers,
    port,
    publish: async (name: string) => {
      const client = await connectRtmp({ host, port, app: "live", clock });
      return { client, publisher: await client.publish(name) };
    },
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Says these bytes and reads until the ingest hangs up. */
async function say(port: number, bytes: Buffer): Promise<void> {
  const socket = connectTcp(port, host);
  socket.on("error", () => {});
  socket.resume();
  socket.end(bytes);
  await once(socket, "close");
}

describe("the embedded ingest among bad company", () => {
  it("carries a live stream untouched while garbage comes in beside it", async () => {
    const { handlers, ingest, port, publish, stop } = await startIngest();
    const { publisher } = await publish("key");
    const player = await connectRtmp({ host, port, app: "live", clock });
    const got: number[] = [];
    await player.play("local-key?relay=r", ({ timestamp }) => got.push(timestamp));
    const hello = [clientHandshake(), connectCommand(), createStream()];
    const garbage = [
      randomBytes(20_000),
      Buffer.concat([Buffer.of(3), randomBytes(30_000)]),
      clientHandshake().subarray(0, 1_000),
      Buffer.concat([clientHandshake(), randomBytes(5_000)]),
      Buffer.concat([clientHandshake(), command("connect", 1, [[1, null]])]),
      Buffer.concat([...hello, command("publish", 3, [null, { __proto__: null, x: 1 }], 1)]),
      Buffer.concat([...hello, publishCommand("key?name=x&clientid=1&app=other"), randomBytes(50_000)]),
      Buffer.concat([...hello, Buffer.from([0x06, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0])]),
    ];
    handlers.answer = async () => ({ accepted: false, code: "STREAM_KEY_UNKNOWN", message: "no such stream key" });

    for (let round = 0, at = 0; round < 10; round++) {
      const noise = Promise.all(garbage.map((bytes) => say(port, bytes)));
      for (let i = 0; i < 10; i++) await publisher.send(frame(40 * ++at));
      await noise;
    }
    await until(() => got.length === 100);

    expect(got).toEqual(Array.from({ length: 100 }, (_, at) => 40 * (at + 1)));
    expect((await ingest.stat()).map(({ localName }) => localName)).toEqual(["local-key"]);
    expect(handlers.ends).toEqual([]);
    player.destroy();
    await stop();
  });

  it("turns away more connections that are nobody than one address may have, and takes them later", async () => {
    const { port, publish, stop } = await startIngest({ maxPendingPerAddress: 2 });
    const idle = [connectTcp(port, host), connectTcp(port, host)];
    await Promise.all(idle.map((socket) => once(socket, "connect")));

    const beyond = await publish("key").catch((error: unknown) => error);
    for (const socket of idle) socket.destroy();
    const accepted = await until(() => publish("key").catch(() => null));

    expect(beyond).toBeInstanceOf(Error);
    expect(accepted.client.isOpen).toBe(true);
    accepted.client.destroy();
    await stop();
  });

  it("answers a publish whose decision hangs, and tells the handlers to give up", async () => {
    const { handlers, publish, stop } = await startIngest({ decisionMs: 200 });
    handlers.answer = () => new Promise(() => {});

    const refused = await publish("key").catch((error: unknown) => error);

    expect(refused).toMatchObject({
      status: "NetStream.Publish.BadName",
      message: expect.stringContaining("OVERLOADED"),
    });
    expect(handlers.requests[0]?.signal.aborted).toBe(true);
    await stop();
  });

  it("refuses a second publish under a local name that is taken, and keeps the first", async () => {
    const { handlers, ingest, publish, stop } = await startIngest();
    handlers.answer = async () => ({ accepted: true, localName: "same" });
    const first = await publish("a");

    const second = await publish("b").catch((error: unknown) => error);

    expect(second).toMatchObject({ code: "REFUSED" });
    expect(await ingest.stat()).toMatchObject([{ clientId: "1" }]);
    expect(handlers.ends).toEqual([{ publisher: { ingestInstance: "boot", clientId: "2" }, reason: "disconnected" }]);
    first.client.destroy();
    await stop();
  });

  it("refuses an application that it does not have", async () => {
    const { port, stop } = await startIngest();

    const refused = connectRtmp({ host, port, app: "other", clock });

    await expect(refused).rejects.toMatchObject({ status: "NetConnection.Connect.Rejected" });
    await stop();
  });

  it("names a port that is taken", async () => {
    const { port, stop } = await startIngest();

    const failed = await startIngest({}, port).catch((error: unknown) => error);

    expect(isRigError(failed, "PORT_IN_USE")).toBe(true);
    await stop();
  });

  it("stops with publishers, players and strangers connected, each told in order", async () => {
    const { handlers, port, publish, stop } = await startIngest({ stopMs: 300 });
    const { client, publisher } = await publish("key");
    const player = await connectRtmp({ host, port, app: "live", clock });
    const playback = await player.play("local-key?relay=r", () => {});
    await publisher.send(frame(0));
    const stranger = connectTcp(port, host);
    await once(stranger, "connect");
    stranger.on("error", () => {});

    await stop();
    await Promise.all([playback.ended, client.closed]);

    expect(handlers.ends).toMatchObject([{ reason: "disconnected" }]);
    stranger.destroy();
    player.destroy();
  });
});
