import { request } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { nginxIngest } from "../../src/ingest/nginx/nginx-ingest.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type {
  Ingest,
  IngestHandlers,
  PlayerWaiting,
  PublishDecision,
  PublisherRef,
  PublishRequest,
} from "../../src/services/ingest.ts";
import { freePort } from "../support/free-port.ts";
import { type ClipPublisher, publishClip } from "../support/live-clip.ts";
import { makeClip } from "../support/media-clip.ts";
import { findNginxRtmp, startNginxRtmp } from "../support/nginx.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";

const HOOK_SECRET = "hook-secret-of-this-test";

type Started = NonNullable<Awaited<ReturnType<typeof startNginxRtmp>>>;

describe.skipIf(!findNginxRtmp())("nginx-rtmp as the ingest", () => {
  let clip: Awaited<ReturnType<typeof makeClip>>;
  let nginx: Started;
  let ingest: Ingest;
  let agentPort: number;
  let stopping: AbortController;
  let running: Promise<void>;
  let publishers: ClipPublisher[];
  let decide: IngestHandlers["decide"];
  let requests: PublishRequest[];
  let ended: { publisher: PublisherRef; reason: string }[];
  let players: PlayerWaiting[];

  beforeAll(async () => {
    clip = await makeClip();
  });
  afterAll(() => clip.remove());

  beforeEach(async () => {
    agentPort = await freePort();
    nginx = (await startNginxRtmp({ agentPort, hookSecret: HOOK_SECRET }))!;
    ingest = nginxIngest({
      publishUrl: `rtmp://127.0.0.1:${nginx.rtmpPort}/live`,
      rtmpPort: nginx.rtmpPort,
      app: "live",
      runFolder: nginx.runFolder,
      hookListenPort: agentPort,
      hookSecret: new Secret(HOOK_SECRET),
      clock: systemClock,
      log: silentLog,
      pollMs: 200,
    });
    stopping = new AbortController();
    [publishers, requests, ended, players] = [[], [], [], []];
    decide = async () => ({ accepted: true, localName: `local-${requests.length}` });
    const handlers: IngestHandlers = {
      decide(asked, signal) {
        requests.push(asked);
        return decide(asked, signal);
      },
      ended: (publisher, reason) => void ended.push({ publisher, reason }),
      playerWaiting: (player) => void players.push(player),
    };
    await new Promise<void>((ready) => {
      running = ingest.run(handlers, ready, stopping.signal);
    });
  });
  afterEach(async () => {
    for (const publisher of publishers) await publisher.stop();
    stopping.abort();
    await running;
    await nginx.stop();
  });

  const publish = (name: string) => {
    const publisher = publishClip(clip.file, `${ingest.publishUrl}/${name}`);
    publishers.push(publisher);
    return publisher;
  };
  const live = async (count = 1) =>
    until(async () => (await ingest.stat()).length === count, { what: `${count} live` });
  const hook = (path: string, { method = "POST", secret = HOOK_SECRET, body = "" } = {}) =>
    new Promise<number>((resolve, reject) => {
      const headers = { "x-rig-hook": secret };
      const call = request({ host: "127.0.0.1", port: agentPort, path, method, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      call.on("error", reject);
      call.end(body);
    });

  it("hands the stream key over, and renames the stream so that players never need it", async () => {
    publish("stream-key");
    await live();

    expect(requests[0]).toMatchObject({ app: "live", clientAddress: "127.0.0.1" });
    expect(requests[0]?.streamKey.open()).toBe("stream-key");
    const [stat] = await ingest.stat();
    expect(stat).toMatchObject({ localName: "local-1", clientId: requests[0]?.clientId });
    expect(stat?.ingestInstance).toBe(requests[0]?.ingestInstance);
    await until(async () => (await ingest.stat())[0]?.videoCodec === "H264", { what: "the codec is known" });
  });

  it("refuses by a bare close, before a byte of media", async () => {
    decide = async () => ({ accepted: false, code: "STREAM_KEY_UNKNOWN", message: "no" });

    expect(await publish("wrong").ended).not.toBe(0);

    await live(0);
  });

  it("keeps a numeric local name a text", async () => {
    decide = async () => ({ accepted: true, localName: "0123" });
    publish("stream-key");
    await live();

    expect((await ingest.stat())[0]?.localName).toBe("0123");
  });

  it("drops the one publisher that it was asked to drop", async () => {
    const first = publish("one");
    await live(1);
    publish("two");
    await live(2);

    expect(await ingest.drop(requests[0]!)).toBe(true);

    await first.ended;
    await until(() => ended.length > 0);
    expect(ended).toEqual([
      { publisher: expect.objectContaining({ clientId: requests[0]?.clientId }), reason: "dropped" },
    ]);
    await live(1);
    expect((await ingest.stat()).map(({ localName }) => localName)).toEqual(["local-2"]);
    expect(await ingest.drop(requests[0]!)).toBe(false);
  });

  it("drops nobody for a client id of another nginx, or one that it does not have", async () => {
    publish("one");
    await live();

    expect(await ingest.drop({ ingestInstance: "1-1", clientId: requests[0]!.clientId })).toBe(false);
    expect(await ingest.drop({ ingestInstance: requests[0]!.ingestInstance, clientId: "9999" })).toBe(false);
    expect(await ingest.drop({ ingestInstance: requests[0]!.ingestInstance, clientId: "" })).toBe(false);

    expect(await ingest.stat()).toHaveLength(1);
  });

  it("tells the end of a publisher that left", async () => {
    const publisher = publish("one");
    await live();

    await publisher.stop();

    await until(() => ended.length === 1);
    expect(ended[0]).toMatchObject({ publisher: { clientId: requests[0]?.clientId }, reason: "unpublished" });
  });

  it("tells the end of publishers whose nginx died without a word", async () => {
    publish("one");
    await live();

    await nginx.kill();

    await until(() => ended.length === 1);
    expect(ended[0]?.reason).toBe("disconnected");
    await expect(ingest.stat()).rejects.toMatchObject({ code: "INGEST_UNREACHABLE" });
  });

  it("lets a relay wait on a name that is not published yet, and ends it alone", async () => {
    const player = publishClip(ingest.pullUrl("local-1", "relay-1"), "/dev/null");
    const other = publishClip(ingest.pullUrl("local-1", "relay-2"), "/dev/null");
    publishers.push(player, other);
    await until(() => players.length === 2);
    expect(players.map(({ localName, relayId }) => [localName, relayId]).sort()).toEqual([
      ["local-1", "relay-1"],
      ["local-1", "relay-2"],
    ]);
    publish("one");
    await until(async () => (await ingest.stat())[0]?.players.length === 2);

    expect(await ingest.endPlayer("local-1", "relay-1")).toBe(true);

    await player.ended;
    await until(async () => (await ingest.stat())[0]?.players.length === 1, { what: "one relay is left" });
    expect(other.child.exitCode).toBeNull();
    expect(await ingest.endPlayer("local-1", "relay-3")).toBe(false);
  });

  it("aborts a decision that takes longer than nginx waits, and undoes its late yes", async () => {
    let aborted = false;
    decide = (_, signal) =>
      new Promise<PublishDecision>((resolve) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve({ accepted: true, localName: "too-late" });
        });
      });
    expect(await publish("one").ended).not.toBe(0);

    await until(() => aborted && ended.length > 0);
    await live(0);
  });

  it("takes callbacks by POST and with the secret only", async () => {
    const body = "clientid=1&name=k&app=live";

    expect(await hook("/hook/on_publish", { method: "GET" })).toBe(405);
    expect(await hook("/hook/on_publish", { secret: "wrong", body })).toBe(403);
    expect(await hook("/hook/on_publish", { body: "x".repeat(20_000) })).toBe(400);
    expect(await hook("/hook/on_publish", { body: "clientid=%zz" })).toBe(400);
    expect(await hook("/hook/on_update", { body })).toBe(404);
    expect(await hook("/hook/on_publish", { body: "clientid=../1&name=k" })).toBe(403);
    expect(requests).toEqual([]);

    expect(await hook("/hook/on_publish", { body: `${body}&name=other&clientid=2` })).toBe(302);
    expect(requests[0]?.clientId).toBe("1");
    expect(requests[0]?.streamKey.open()).toBe("k");
  });

  it("never lets nginx print a stream key", async () => {
    const publisher = publish("a-very-secret-stream-key");
    await live();
    await publisher.stop();
    decide = async () => ({ accepted: false, code: "STREAM_KEY_UNKNOWN", message: "no" });
    await publish("a-very-secret-stream-key").ended;

    expect(nginx.errors()).not.toContain("secret-stream");
  });
});
