import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { ffmpegPush } from "../../src/ffmpeg/push-once.ts";
import { nginxIngest } from "../../src/ingest/nginx/nginx-ingest.ts";
import { parseFlv } from "../../src/rtmp/flv.ts";
import { isHeader } from "../../src/rtmp/media-cache.ts";
import { MESSAGE, type MediaMessage } from "../../src/rtmp/message.ts";
import { startSink } from "../../src/rtmp/sink.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { findProgram } from "../../src/runtime/find-ffmpeg.ts";
import { countedIngest } from "../../src/services/ingest-source.ts";
import { relaySet } from "../../src/services/relay-set.ts";
import { someTarget } from "../support/fake-push.ts";
import { freePort } from "../support/free-port.ts";
import { publishClip } from "../support/live-clip.ts";
import { makeClip } from "../support/media-clip.ts";
import { findNginxRtmp, startNginxRtmp } from "../support/nginx.ts";
import { FFMPEG } from "../support/push-harness.ts";
import { silentLog as log } from "../support/silent-log.ts";
import { until } from "../support/until.ts";

const PUBLISH = "publish-1";
const hookSecret = "hook-secret-of-this-test";

const payloads = (messages: readonly MediaMessage[], type: number) =>
  messages
    .filter((message) => message.type === type && !isHeader(message) && message.payload.length > 2)
    .map(({ payload }) => payload.toString("hex"));

/** An nginx-rtmp with one relay that waits there for a publish, which goes to a sink. */
async function openEdge() {
  const agentPort = await freePort();
  const nginx = (await startNginxRtmp({ agentPort, hookSecret }))!;
  const address = { publishUrl: `rtmp://127.0.0.1:${nginx.rtmpPort}/live`, rtmpPort: nginx.rtmpPort, app: "live" };
  const hooks = { hookListenPort: agentPort, hookSecret: new Secret(hookSecret), runFolder: nginx.runFolder };
  const { ingest, source } = countedIngest(nginxIngest({ ...address, ...hooks, clock, log, pollMs: 300 }));
  const stopping = new AbortController();
  let [waiting, ended] = [0, 0];
  let running: Promise<void> = Promise.resolve();
  const handlers = {
    decide: async () => ({ accepted: true, localName: PUBLISH }) as const,
    ended: () => void ended++,
    playerWaiting: () => void waiting++,
  };
  await new Promise<void>((ready) => {
    running = ingest.run(handlers, ready, stopping.signal);
  });
  const polling = (async () => {
    for (; !stopping.signal.aborted; await clock.sleep(500, stopping.signal)) await ingest.stat();
  })();
  const push = ffmpegPush({
    ffmpeg: { path: FFMPEG!, statsPeriod: true },
    setprivPath: findProgram("setpriv"),
    clock,
    source,
    endInput: (publishId, relayId) => ingest.endPlayer(publishId, relayId),
    allowPrivate: true,
    caFile: null,
    presetFolder: tmpdir(),
  });
  const pullUrl = (relayId: string) => ingest.pullUrl(PUBLISH, relayId);
  const relays = relaySet({ publishId: PUBLISH, pullUrl, clock, random: () => 0, push });
  const to = await startSink({ host: "127.0.0.1", port: 0, clock });
  relays.apply([someTarget({ url: `rtmp://127.0.0.1:${to.port}/app` })]);
  await until(() => waiting > 0);
  const close = async () => {
    await relays.stop();
    await to.close();
    stopping.abort();
    await Promise.all([running, polling]);
    await nginx.stop();
  };
  return { ingest, relays, to, ended: () => ended, close };
}

describe.skipIf(!FFMPEG || !findNginxRtmp()).concurrent("relays that pull from nginx-rtmp", () => {
  let clips: Record<"both" | "audio", Awaited<ReturnType<typeof makeClip>>>;

  beforeAll(async () => {
    clips = { both: await makeClip({ seconds: 5 }), audio: await makeClip({ video: false, seconds: 20 }) };
  });
  afterAll(async () => {
    for (const clip of Object.values(clips)) await clip.remove();
  });

  it("bring every picture from frame 0 to the tail, and end cleanly when the publisher has left", async ({
    onTestFinished,
  }) => {
    const { ingest, ended, relays, to, close } = await openEdge();
    onTestFinished(close);
    const publisher = publishClip(clips.both.file, `${ingest.publishUrl}/stream-key`, { loop: false });

    await publisher.ended;
    await until(() => ended() > 0);
    await relays.stop();

    const sent = parseFlv(clips.both.bytes) ?? [];
    const received = to.publishes[0]?.messages ?? [];
    expect(payloads(received, MESSAGE.video)).toEqual(payloads(sent, MESSAGE.video));
    expect(payloads(sent, MESSAGE.audio).join()).toContain(payloads(received, MESSAGE.audio).join());
    expect(payloads(received, MESSAGE.audio).at(-1)).toBe(payloads(sent, MESSAGE.audio).at(-1));
    expect(await to.publishes[0]?.ended).toBe("unpublished");
  });

  it("say that there is no video, where nginx waits for it without end", async ({ onTestFinished }) => {
    const { ingest, relays, to, close } = await openEdge();
    onTestFinished(close);
    const publisher = publishClip(clips.audio.file, `${ingest.publishUrl}/stream-key`);

    await until(() => relays.statuses()[0]?.reason === "no video");

    expect(relays.statuses()[0]?.state).toBe("waiting");
    expect(to.publishes).toEqual([]);
    await publisher.stop();
  });
});
