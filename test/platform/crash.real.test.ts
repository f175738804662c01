import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import type { UserUsage } from "../../src/domain/usage.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { seeded } from "../embedded/etcd/fuzz.ts";
import { type Encoder, startEncoder } from "../support/encoder.ts";
import { fixedPorts } from "../support/fixed-ports.ts";
import { lastPublish, openShow, type Show } from "../support/live-show.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import {
  everyProcess,
  killAll,
  type PlatformProcesses,
  platformProcesses,
  survivors,
} from "../support/platform-processes.ts";
import { until } from "../support/until.ts";

const SEED = Number(process.env.RIG_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
const dice = seeded(SEED);
const REPORT_SECONDS = 5;
const LATE_SECONDS = 2; // a report under way at the kill, on a busy machine
const STILL_MS = 9_000; // a lease lasts 8 s

/** A platform with one stream to two sinks, for the tests of one `describe`, and what they ask it. */
function useShow() {
  let platform: TestPlatform;
  let show: Show;
  beforeAll(async () => {
    platform = await startPlatform({ env: await fixedPorts() }); // it has to come back where encoders look for it
    show = await openShow(platform);
  });
  afterAll(async () => {
    await show?.close();
    await platform?.stop();
  });

  /** All that must not vanish, beside usage. */
  const kept = async () => ({
    users: await platform.json(["users", "list"]),
    streams: (await platform.json<{ id: string; title: string }[]>(["streams", "list"])).map(({ id, title }) => [
      id,
      title,
    ]),
    destinations: await platform.json(["destinations", "list", show.stream.id]),
  });

  async function liveSecondsUsed(): Promise<number> {
    const [usage] = await platform.json<UserUsage[]>(["quota", "show", show.username]);
    return usage?.liveSeconds ?? 0;
  }

  /** Publishes with the stream key of before, at the first try, and compares what both sinks get. */
  async function publishesAgain(): Promise<void> {
    const encoder = await show.goLive();
    await until(() => encoder.sent.length > 100, { what: "100 packets are sent" });
    await encoder.end();
    for (const { publishes } of show.sinks) await arrived(encoder, publishes);
  }

  return { platform: () => platform, show: () => show, kept, liveSecondsUsed, publishesAgain };
}

const secondsLive = ({ startedAt }: Encoder) => (systemClock.monotonic() - startedAt) / 1000;

async function arrived({ sent }: Encoder, publishes: Show["sinks"][number]["publishes"]): Promise<void> {
  await until(() => lastPublish(publishes).length >= sent.length, { what: "the tail arrives" }).catch(() => {});
  expect(compareTracks(sent, lastPublish(publishes)).problem).toBeNull();
}

/** Starts rig while the PostgreSQL of the killed one has not ended yet, and lets that end only then. */
async function upBesideOldPostgres(platform: TestPlatform, { postmaster }: PlatformProcesses): Promise<void> {
  const logged = (await platform.log()).length;
  const up = platform.up();
  const isAwaited = async () => (await platform.log()).slice(logged).includes("PostgreSQL of a killed predecessor");
  await Promise.race([up, until(isAwaited)]).finally(() => process.kill(postmaster.pid, "SIGCONT"));
  await up;
}

describe.concurrent(`a platform whose processes are killed while a stream is live, RIG_CRASH_SEED=${SEED}`, () => {
  const { platform, show, kept, liveSecondsUsed, publishesAgain } = useShow();
  beforeAll(() => platform().json(["users", "add", "bystander", "--email", "bystander@example.com"]));

  it.sequential.each([
    { what: "rig alone", victims: ({ rig }: PlatformProcesses) => [rig] },
    { what: "rig, PostgreSQL and the relays at once", victims: everyProcess },
  ])(
    "has lost nothing, leaves no orphans and is published to again: $what",
    async ({ victims }) => {
      const before = await kept();
      const usedBefore = await liveSecondsUsed();
      const encoder = await show().goLive();
      const liveSeconds = 5.5 + dice.below(2_500) / 1000;
      await until(() => secondsLive(encoder) >= liveSeconds, { what: "live for a while" });
      const processes = await platformProcesses(platform());
      const [hung] = processes.relays;
      if (hung) process.kill(hung.pid, "SIGSTOP"); // the end of its input can't end it

      killAll(victims(processes));
      const live = secondsLive(encoder);
      const orphans = () => survivors(everyProcess(processes));
      await until(() => orphans().length === 0, { what: "all of it has ended" });
      await platform().up();

      expect(processes.relays).toHaveLength(2);
      const used = (await liveSecondsUsed()) - usedBefore;
      expect(used).toBeGreaterThan(live - REPORT_SECONDS - LATE_SECONDS);
      expect(used).toBeLessThan(live + LATE_SECONDS);
      expect(await kept()).toEqual(before);
      await publishesAgain();
    },
    90_000,
  );
});

describe.concurrent("a platform with a live stream", () => {
  const { platform, show, liveSecondsUsed, publishesAgain } = useShow();

  it.sequential("comes back on its ports where the PostgreSQL of the killed one is slow to end", async () => {
    const processes = await platformProcesses(platform());
    process.kill(processes.postmaster.pid, "SIGSTOP");
    killAll([processes.rig]);

    await upBesideOldPostgres(platform(), processes);

    await publishesAgain();
  });

  it.sequential("goes on undisturbed where PostgreSQL alone is killed, which is back by itself", async () => {
    const usedBefore = await liveSecondsUsed();
    const other = await platform().addStream();
    const encoder = await show().goLive();
    const { postmaster } = await platformProcesses(platform());

    killAll([postmaster]);
    const isBack = async () => (await platform().run(["users", "list"])).code === 0;
    await until(isBack, { what: "PostgreSQL is back" });
    const second = await startEncoder({ publishUrl: platform().status.ingest.url, streamKey: other.streamKey });
    await second.end();
    const live = secondsLive(encoder);
    await encoder.end();

    for (const { publishes } of show().sinks) await arrived(encoder, publishes);
    const used = async () => (await liveSecondsUsed()) - usedBefore;
    await until(async () => (await used()) > live - 0.5, { what: "all of it is counted" });
  });

  it.sequential("goes on with every packet where all of it stood still for longer than its lease lasts", async () => {
    const encoder = await show().goLive();
    const processes = everyProcess(await platformProcesses(platform()));

    for (const { pid } of processes) process.kill(pid, "SIGSTOP");
    await systemClock.sleep(STILL_MS, new AbortController().signal);
    for (const { pid } of survivors(processes)) process.kill(pid, "SIGCONT");
    const liveSeconds = secondsLive(encoder);
    await until(() => secondsLive(encoder) > liveSeconds + 3, { what: "3 s more" });
    await encoder.end();

    for (const { publishes } of show().sinks) await arrived(encoder, publishes);
  });
});
