import type { Socket } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { FFMPEG, pidOfRelay, usePushes } from "../support/push-harness.ts";
import { until } from "../support/until.ts";

describe.skipIf(!FFMPEG).concurrent("the reason why a push ended", () => {
  const { push, sink, server, source } = usePushes();
  beforeAll(() => source().publish("noisy", { noisy: true })); // fills all buffers on the way within seconds

  it("reads stalled when the destination stops reading", async () => {
    const to = await sink();
    const relay = push(`rtmp://127.0.0.1:${to.port}/app`, {
      from: "noisy",
      limits: { stalledMs: 3000, destinationTimeoutMs: 30_000 },
    });
    await until(() => relay.progress.length > 1);

    to.publishes[0]?.connection.pauseReading();

    expect((await relay.end).reason).toBe("stalled");
  });

  it("reads stalled from ffmpeg's own timeout, too", async () => {
    const to = await sink();
    const relay = push(`rtmp://127.0.0.1:${to.port}/app`, {
      from: "noisy",
      limits: { stalledMs: 60_000, destinationTimeoutMs: 2000 },
    });
    await until(() => relay.progress.length > 1);

    to.publishes[0]?.connection.pauseReading();

    expect((await relay.end).reason).toBe("stalled");
  });

  it("reads no video from an audio-only source", async () => {
    const to = await sink();
    await source().publish("audio-only", { video: false });

    const relay = push(`rtmp://127.0.0.1:${to.port}/app`, { from: "audio-only" });

    expect((await relay.end).reason).toBe("no video");
    expect(to.publishes).toEqual([]);
  });

  it("reads source gone when its input ends", async () => {
    const to = await sink();
    const publisher = await source().publish("leaves");
    const relay = push(`rtmp://127.0.0.1:${to.port}/app`, { from: "leaves", limits: { inputTimeoutMs: 3000 } });
    await until(() => relay.progress.length > 1);

    await publisher.stop();

    expect((await relay.end).reason).toBe("source gone");
  });

  it("reads timeout from a server that drips its handshake", async () => {
    const port = await server((socket) => {
      const drip = setInterval(() => socket.write("\u0003"), 100);
      socket.once("close", () => clearInterval(drip));
    });

    expect((await push(`rtmp://127.0.0.1:${port}/app`, { limits: { connectMs: 2000 } }).end).reason).toBe("timeout");
  });

  it("reads connection refused", async () => {
    const relay = push(`rtmp://127.0.0.1:${await freePort()}/app`);

    expect(await relay.end).toMatchObject({ reason: "connection refused", egressBytes: 0, healthy: false });
  });

  it("reads unknown host, without starting anything", async () => {
    const relay = push("rtmp://no-such-host.invalid/app", { lookup: () => Promise.reject(new Error("ENOTFOUND")) });

    expect((await relay.end).reason).toBe("unknown host");
  });

  it("reads address refused where private addresses are not allowed", async () => {
    expect((await push("rtmp://127.0.0.1:1/app", { allowPrivate: false }).end).reason).toBe("address refused");
  });

  it("reads timeout from a server that never answers the handshake", async () => {
    const port = await server((socket) => void socket.pause());

    expect((await push(`rtmp://127.0.0.1:${port}/app`, { limits: { destinationTimeoutMs: 1000 } }).end).reason).toBe(
      "timeout",
    );
  });

  it.each([
    ["closes at once", (socket: Socket) => void socket.end()],
    ["resets at once", (socket: Socket) => void socket.resetAndDestroy()],
    [
      "closes half way through the handshake",
      (socket: Socket) => void socket.once("data", () => socket.end(Buffer.alloc(1537, 3))),
    ],
    [
      "speaks another protocol",
      (socket: Socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    ],
  ])("reads closed from a server that %s", async (_, treat) => {
    expect((await push(`rtmp://127.0.0.1:${await server(treat)}/app`).end).reason).toBe("closed");
  });

  it.each([
    ["rejected", "this stream key is unknown"],
    ["in use", "Already publishing"],
  ])("reads %s from the status that a server answers", async (reason, refusal) => {
    const to = await sink({ refuse: () => refusal });

    expect((await push(`rtmp://127.0.0.1:${to.port}/app`).end).reason).toBe(reason);
  });

  it("keeps the destination key out of a detail that quotes it", async () => {
    const to = await sink({ refuse: (_, name) => `no stream ${name} here` });

    const end = await push(`rtmp://127.0.0.1:${to.port}/app`, { key: "very-secret-key?x=1" }).end;

    expect(JSON.stringify(end)).not.toContain("very-secret-key");
  });

  it("reads closed when the destination hangs up while it is pushed to", async () => {
    const to = await sink();
    const relay = push(`rtmp://127.0.0.1:${to.port}/app`);
    await until(() => relay.progress.length > 1);

    to.publishes[0]?.connection.destroy();

    expect(await relay.end).toMatchObject({ reason: "closed" });
    expect((await relay.end).egressBytes).toBeGreaterThan(0);
  });

  it("reads crashed when somebody kills its ffmpeg", async () => {
    const to = await sink();
    const relay = push(`rtmp://127.0.0.1:${to.port}/app`);
    await until(() => relay.progress.length > 1);

    process.kill(await pidOfRelay(to.port), "SIGKILL");

    expect(await relay.end).toMatchObject({ reason: "crashed", detail: expect.stringContaining("SIGKILL") });
  });

  it("reads tls where this build cannot check certificates, without starting it", async () => {
    const limited = { ffmpeg: { path: "/no/such/ffmpeg", statsPeriod: false, rtmps: false } };

    expect((await push("rtmps://127.0.0.1:1/app", limited).end).reason).toBe("tls");
  });

  it("reads crashed where ffmpeg cannot be started", async () => {
    const nothing = { ffmpeg: { path: "/no/such/ffmpeg", statsPeriod: true } };

    expect((await push("rtmp://127.0.0.1:1/app", nothing).end).reason).toBe("crashed");
    expect((await push("rtmp://127.0.0.1:1/app", { ...nothing, setprivPath: null }).end).reason).toBe("crashed");
  });
});
