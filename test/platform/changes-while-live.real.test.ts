import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isRunOf } from "../../src/demo/compare-packets.ts";
import { type DemoSink, healthySink } from "../../src/demo/sinks.ts";
import type { UserUsage } from "../../src/domain/usage.ts";
import { type RtmpSink, startSink } from "../../src/rtmp/sink.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { findHolder } from "../../src/runtime/folder-lock.ts";
import type { Encoder } from "../support/encoder.ts";
import { lastPublish, openShow, type Show } from "../support/live-show.ts";
import { processesUnder, relayProcesses, startPlatform, type TestPlatform } from "../support/platform.ts";
import { everyProcess, isToldToEnd, platformProcesses, survivors } from "../support/platform-processes.ts";
import { until } from "../support/until.ts";

const DOWN_MS = 30_000; // it takes one; a machine may be slow
const CUT_PACKETS = 100; // little more than a second of both tracks: what an encoder has sent and a cut connection may not deliver

let platform: TestPlatform;
let show: Show; // its two destinations see all that happens to the others, and must notice nothing
let encoder: Encoder;
const closing: (DemoSink | RtmpSink)[] = [];

beforeAll(async () => {
  platform = await startPlatform();
  show = await openShow(platform);
  encoder = await show.goLive();
});
afterEach(async () => {
  for (const sink of closing.splice(0)) await sink.close();
});
afterAll(async () => {
  await encoder?.vanish();
  await show?.close();
  await platform?.stop();
});

async function newSink(): Promise<DemoSink> {
  const sink = await healthySink(systemClock);
  closing.push(sink);
  return sink;
}

/** Waits for a sink's publish with this number (1 for the first), and checks that it begins at a key frame. */
async function startsAtKeyFrame({ publishes }: DemoSink, count: number): Promise<void> {
  await until(() => publishes.length === count && lastPublish(publishes).length > 25, { what: "the stream arrives" });
  expect(lastPublish(publishes)[0]?.isKey).toBe(true);
  expect(isRunOf(lastPublish(publishes), encoder.sent)).toBe(true);
}

const relayOf = async (destinationId: string) =>
  (await platform.stream(show.stream.id)).relays.find((relay) => relay.destinationId === destinationId);

const hasNoRelay = (destinationId: string) =>
  until(async () => (await relayProcesses(platform, destinationId)).length === 0 && !(await relayOf(destinationId)), {
    stepMs: 100,
  });

describe("a platform with a live stream", () => {
  it("takes, edits, disables, enables and removes a destination", async () => {
    const [first, second] = [await newSink(), await newSink()];

    const id = await platform.addDestination(show.stream.id, first.url);
    await startsAtKeyFrame(first, 1);
    await platform.json(["destinations", "edit", id, "--url", second.url]);
    await startsAtKeyFrame(second, 1);
    await platform.json(["destinations", "disable", id]);
    await hasNoRelay(id);
    await platform.json(["destinations", "enable", id]);
    await startsAtKeyFrame(second, 2);
    await platform.run(["destinations", "remove", id]);
    await hasNoRelay(id);

    expect(first.publishes).toHaveLength(1);
    expect(second.publishes).toHaveLength(2);
  });

  it("wakes a waiting relay at once when told to retry", async () => {
    let refusal: string | null = "not yet";
    const sink = await startSink({ host: "127.0.0.1", port: 0, clock: systemClock, refuse: () => refusal });
    closing.push(sink);
    const id = await platform.addDestination(show.stream.id, `rtmp://127.0.0.1:${sink.port}/app`);
    const waiting = await until(
      async () => {
        const relay = await relayOf(id);
        return relay?.nextRetryAt ? relay : null;
      },
      { stepMs: 100 },
    );

    refusal = null;
    const askedAt = systemClock.now();
    await platform.json(["destinations", "retry", id]);
    await until(() => (sink.publishes[0]?.messages.length ?? 0) > 25, { what: "the stream arrives" });

    expect(waiting).toMatchObject({ state: "rejected", reason: "rejected" });
    expect(systemClock.now()).toBeLessThan(Date.parse(String(waiting.nextRetryAt)));
    expect(Date.parse(String(waiting.nextRetryAt)) - askedAt).toBeGreaterThan(15_000);
    await platform.run(["destinations", "remove", id]);
    await hasNoRelay(id);
  });

  it("is left alone by a second rig up", async () => {
    const pid = await platform.pid();

    const detached = await platform.run(["up", "--detach", "--set", "tokenLimit=9"]);
    const foreground = await platform.run(["up", "--json"]);

    expect(detached.code).toBe(0);
    expect(detached.stderr).toContain(
      "NOT in force: it was started with others.\n  tokenLimit  now 9, started with unset\n",
    );
    expect(foreground.code).toBe(5);
    expect(foreground.stderr).toContain("ALREADY_RUNNING");
    expect(await platform.pid()).toBe(pid);
    expect(encoder.isLive()).toBe(true);
  });

  it("hands the tail on, counts it and leaves nothing running when it is told to stop", async () => {
    const processes = everyProcess(await platformProcesses(platform));
    const toldAt = systemClock.monotonic();

    const { code } = await platform.run(["down"]);
    const tookMs = systemClock.monotonic() - toldAt;
    const left = [...survivors(processes).map(({ pid }) => pid), ...processesUnder(platform.folder)];
    await encoder.ended;
    const liveSeconds = (toldAt - encoder.startedAt) / 1000;
    await platform.up();

    expect(code).toBe(0);
    expect(left).toEqual([]);
    expect(tookMs).toBeLessThan(DOWN_MS);
    const [one, other] = show.sinks.map(({ publishes }) => publishes);
    for (const publishes of [one, other]) {
      expect(publishes).toHaveLength(1);
      expect(isRunOf(lastPublish(publishes ?? []), encoder.sent)).toBe(true);
      expect(encoder.sent.length - lastPublish(publishes ?? []).length).toBeLessThan(CUT_PACKETS);
    }
    expect(lastPublish(one ?? [])).toHaveLength(lastPublish(other ?? []).length);
    const [usage] = await platform.json<UserUsage[]>(["quota", "show", show.username]);
    expect(usage?.liveSeconds).toBeGreaterThan(liveSeconds - 0.5);
  });

  it("is stopped also while it still starts", async () => {
    await platform.run(["down"]);
    const starting = platform.run(["up", "--detach"]);
    const { pid } = await until(() => findHolder(join(platform.folder, ".rig")), { what: "it has begun to start" });

    process.kill(pid, "SIGSTOP"); // it would else be faster than the command that stops it, here and there
    const stopping = platform.run(["down"]);
    await until(() => isToldToEnd(pid), { what: "the command has told it" });
    process.kill(pid, "SIGCONT");
    const { stderr } = await stopping;

    expect(stderr).toContain("rig has stopped");
    expect((await starting).code).not.toBe(0);
    expect(processesUnder(platform.folder)).toEqual([]);
  });
});
