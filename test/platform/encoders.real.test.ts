import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import { ERRORS } from "../../src/domain/errors.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { auditTrail } from "../support/audit-trail.ts";
import { demoClip, type Encoder, onlyTrack, startEncoder } from "../support/encoder.ts";
import { type ClipPublisher, publishClip } from "../support/live-clip.ts";
import { lastPublish, openShow, type Show } from "../support/live-show.ts";
import { relayProcesses, startPlatform, type TestPlatform } from "../support/platform.ts";
import { logEntries } from "../support/platform-log.ts";
import { until } from "../support/until.ts";

const CLIP = fileURLToPath(new URL("../../assets/demo.flv", import.meta.url));
const REFUSED = { code: "REFUSED", status: "NetStream.Publish.BadName" };
const GONE_MS = 12_000; // an encoder that went without a goodbye is noticed within this
const STANDS_STILL_MS = 3_000; // a frozen one may be taken over from then on
const FRAME_MS = 200; // before it froze it had sent, and its packets came a little apart
const BUSY_MS = 20_000; // what a busy machine adds
const DROP_MS = 4_000; // it takes a tenth; the next report, which tells of the drop too, comes after up to 5 s

let platform: TestPlatform;
const shows: Show[] = [];
const ffmpegs: ClipPublisher[] = [];

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(async () => {
  await Promise.all(ffmpegs.map((ffmpeg) => ffmpeg.stop()));
  await platform?.stop();
  await Promise.all(shows.map((show) => show.close()));
});

async function show(sinks: number): Promise<Show> {
  const opened = await openShow(platform, { sinks });
  shows.push(opened);
  return opened;
}

/** An encoder that we did not write: ffmpeg. */
function ffmpegOn({ stream }: Show): ClipPublisher {
  const encoder = publishClip(CLIP, `${platform.status.ingest.url}/${stream.streamKey}`);
  ffmpegs.push(encoder);
  return encoder;
}

const isReceiving = ({ sinks }: Show) => sinks.every(({ publishes }) => lastPublish(publishes).length > 0);

async function gotAll({ sinks }: Show, { sent }: Encoder): Promise<void> {
  for (const { publishes } of sinks) {
    await until(() => lastPublish(publishes).length >= sent.length, { what: "the tail arrives" }).catch(() => {});
    expect(compareTracks(sent, lastPublish(publishes)).problem).toBeNull();
    expect(publishes).toHaveLength(1);
  }
}

/** Why and when the publish of this show ended, as the agent's log tells it, once its claim is gone. */
async function endOf({ stream }: Show) {
  const ended = await until(async () => (await logEntries(platform, "publish ended", { streamId: stream.id }))[0], {
    what: "the publish ends",
  });
  await until(async () => !(await platform.stream(stream.id)).live, { stepMs: 100, what: "its claim is gone" });
  return { reason: ended.reason, at: Date.parse(String(ended.time)) };
}

/** Waits until the log says this so often; it is written behind what it tells of. */
const isLogged = (message: string, fields: Record<string, unknown>, times = 1) =>
  until(async () => (await logEntries(platform, message, fields)).length === times, {
    stepMs: 100,
    what: `"${message}" is logged ${times} times with ${JSON.stringify(fields)}`,
  });

const refusals = async ({ stream }: Show) =>
  (await auditTrail(platform, stream.id))
    .filter(({ action }) => action === "publish.refuse")
    .map(({ detail }) => detail.code);

it("leaves the first of two encoders with one stream key alone, and refuses the second", async () => {
  const one = await show(1);
  const first = await one.goLive();

  await expect(one.publish()).rejects.toMatchObject(REFUSED);
  const exitCode = await ffmpegOn(one).ended;
  const sentAtRefusal = first.sent.length;
  await until(() => first.sent.length > sentAtRefusal + 75, { what: "the first goes on after the second's end" });
  await first.end();

  expect(exitCode).not.toBe(0);
  await gotAll(one, first);
  expect(await refusals(one)).toEqual(["STREAM_IN_USE", "STREAM_IN_USE"]);
  expect(ERRORS.STREAM_IN_USE.numeric).toBe(1009);
  await isLogged("publish refused", { code: "STREAM_IN_USE", reason: "the stream is already live" }, 2);
});

it("refuses a wrong stream key, a disabled user and a rotated key before any media reaches a destination", async () => {
  const one = await show(1);
  const { stream, username } = one;
  const publishUrl = platform.status.ingest.url;
  const wrong = { publishUrl, streamKey: stream.streamKey.replace(/.$/, (last) => (last === "x" ? "y" : "x")) };

  await expect(startEncoder(wrong)).rejects.toMatchObject(REFUSED);
  await platform.json(["users", "disable", username]);
  await expect(one.publish()).rejects.toMatchObject(REFUSED);
  await platform.json(["users", "enable", username]);
  const { streamKey } = await platform.json<{ streamKey: string }>(["streams", "rotate-key", stream.id]);
  await expect(one.publish()).rejects.toMatchObject(REFUSED);

  expect(await refusals(one)).toEqual(["STREAM_KEY_REVOKED", "USER_DISABLED"]);
  const unknown = (await auditTrail(platform)).filter(({ detail }) => detail.code === "STREAM_KEY_UNKNOWN");
  expect(unknown).toHaveLength(1);
  for (const code of ["STREAM_KEY_UNKNOWN", "USER_DISABLED", "STREAM_KEY_REVOKED"])
    await isLogged("publish refused", { level: "warn", code });
  expect(one.sinks[0]?.publishes).toEqual([]);
  await (await startEncoder({ publishUrl, streamKey })).end();
});

it.each([
  { what: "streams drop", command: ({ stream }: Show) => ["streams", "drop", stream.id], reason: "operator" },
  {
    what: "streams rotate-key",
    command: ({ stream }: Show) => ["streams", "rotate-key", stream.id],
    reason: "stream key revoked",
  },
  { what: "users disable", command: ({ username }: Show) => ["users", "disable", username], reason: "user disabled" },
])("cuts the live publisher at once by $what", async ({ command, reason }) => {
  const one = await show(1);
  const encoder = await one.goLive();

  await platform.json(command(one));
  await until(() => !encoder.isLive(), { limitMs: DROP_MS, what: "the publisher is disconnected" });

  expect(await endOf(one)).toMatchObject({ reason: "dropped" });
  await isLogged("dropping publisher", { streamId: one.stream.id, reason });
});

// The two that wait longest, side by side; more at once would be late for the first frame of a publish.
it.concurrent("notices encoders that are killed or frozen, and takes their streams again", async () => {
  const [killed, frozen, resumed] = [await show(1), await show(1), await show(1)];
  const [killedEncoder, frozenEncoder, resumedEncoder] = [killed, frozen, resumed].map(ffmpegOn);
  await until(() => [killed, frozen, resumed].every(isReceiving), { what: "all three are live" });

  killedEncoder?.child.kill("SIGKILL");
  frozenEncoder?.child.kill("SIGSTOP");
  resumedEncoder?.child.kill("SIGSTOP");
  const goneAt = systemClock.now();
  const next = await until(() => resumed.publish().catch(() => null), { limitMs: GONE_MS + BUSY_MS, stepMs: 500 });
  const takenAfterMs = systemClock.now() - goneAt;
  await until(() => next.sent.length > 25);
  await next.end();

  const ends = [await endOf(killed), await endOf(frozen), await endOf(resumed)];
  expect(ends.map(({ reason }) => reason)).toEqual(["disconnected", "idle", "dropped"]);
  expect(Math.max(...ends.map(({ at }) => at)) - goneAt).toBeLessThan(GONE_MS + BUSY_MS);
  expect(takenAfterMs).toBeGreaterThan(STANDS_STILL_MS - FRAME_MS);
  await isLogged("dropping publisher", { streamId: resumed.stream.id, reason: "taken over" });
  for (const { destinationIds } of [killed, frozen, resumed])
    for (const id of destinationIds)
      await until(async () => (await relayProcesses(platform, id)).length === 0, { what: "its relays have ended" });
  for (const each of [killed, frozen]) await (await each.goLive()).end();
});

it.concurrent("tells the owner of audio without video, and relays video without audio to its last frame", async () => {
  const [audio, video] = [await show(1), await show(1)];
  const at = platform.status.ingest.url;
  const audioOnly = await startEncoder({ ...audio.stream, publishUrl: at }, onlyTrack(demoClip, "audio"));
  const videoOnly = await startEncoder({ ...video.stream, publishUrl: at }, onlyTrack(demoClip, "video"));

  const hasReason = async () =>
    (await platform.stream(audio.stream.id)).relays.find(({ reason }) => reason === "no video");
  const told = await until(hasReason, { stepMs: 100, what: "the reason is shown" });
  const toldAt = Date.now();
  await videoOnly.end();
  await audioOnly.end();

  expect(told).toMatchObject({ state: "waiting", attempt: 1 });
  expect(Date.parse(String(told.nextRetryAt)) - toldAt).toBeGreaterThan(15_000);
  await gotAll(video, videoOnly);
  expect(lastPublish(audio.sinks[0]?.publishes ?? [])).toEqual([]);
});

it("lets exactly one of several encoders in that come at once, and one that comes back at its first try", async () => {
  const one = await show(1);

  const tries = await Promise.allSettled(Array.from({ length: 6 }, () => one.publish()));
  const accepted = tries.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const refused = tries.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  for (const encoder of accepted) await encoder.vanish();
  for (let round = 0; round < 4; round++) await (await one.publish()).vanish();
  const last = await one.goLive();
  await until(() => last.sent.length > 50);
  await last.end();

  expect(accepted).toHaveLength(1);
  for (const reason of refused) expect(reason).toMatchObject(REFUSED);
  const [got] = one.sinks.map(({ publishes }) => publishes);
  await until(() => lastPublish(got ?? []).length >= last.sent.length, { what: "the tail arrives" });
  expect(compareTracks(last.sent, lastPublish(got ?? [])).problem).toBeNull();
});

it("loses nothing at the tail, whenever a stream ends", async () => {
  const two = await show(2);
  for (const packets of [40, 101, 163]) {
    const encoder = await two.goLive();
    await until(() => encoder.sent.length >= packets);

    await encoder.end();

    for (const { publishes } of two.sinks) {
      await until(() => lastPublish(publishes).length >= encoder.sent.length, { what: "the tail arrives" });
      expect(compareTracks(encoder.sent, lastPublish(publishes)).problem).toBeNull();
    }
  }
});
