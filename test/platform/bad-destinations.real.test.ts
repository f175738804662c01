import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import { largestGapMs } from "../../src/demo/received.ts";
import { type DemoSink, healthySink, silentSink } from "../../src/demo/sinks.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import {
  type BadDestination,
  closingDestination,
  deadDestination,
  mutedDestination,
  rejectingDestination,
  slowDestination,
  unknownHost,
  untrustedDestination,
} from "../support/bad-destinations.ts";
import { type Encoder, startEncoder } from "../support/encoder.ts";
import { relayProcesses, startPlatform, type TestPlatform } from "../support/platform.ts";
import { type SeenRelay, watchRelays } from "../support/seen-relays.ts";
import { until } from "../support/until.ts";

const TENTH_OF_THE_CLIP = 16_000; // bytes a second: the clip has 1.3 Mbit/s
const SLOW_BPS = 400_000; // three times what it takes, a third of what it is sent
const START_LASTS_MS = 8_000;
const FALLS_SILENT_MS = 3_000;
const GAP_MS = 8_000; // the machine may be slow; a relay that waits for a bad destination waits for longer
const LONGEST_BACKOFF_MS = 30_000;
const LONGEST_REJECTION_MS = 300_000;

/** What each bad destination must show for itself at last. */
const BAD = {
  dead: { state: "waiting", reason: "connection refused" },
  unknown: { state: "waiting", reason: "unknown host" },
  untrusted: { state: "waiting", reason: "tls" },
  muted: { state: "waiting", reason: "timeout" },
  silent: { state: "waiting", reason: "stalled" },
  rejecting: { state: "rejected", reason: "rejected" },
  closing: { state: "rejected", reason: "rejected" }, // at the third close in a row
} as const;
type Name = keyof typeof BAD;
const NAMES = Object.keys(BAD) as Name[];

/** It takes little for longer than a start lasts, or at times so little that its relay gives up for a while. */
const isSlow = (seen: readonly SeenRelay[]): boolean =>
  seen.some(
    ({ state, reason, bps, at }) =>
      reason === "stalled" ||
      (state === "pushing" && bps > 0 && bps < SLOW_BPS && at - (seen[0]?.at ?? at) > START_LASTS_MS),
  );

let platform: TestPlatform;
let healthy: DemoSink;
let destinations: Record<Name | "slow", BadDestination>;
let encoder: Encoder;
let seen: Record<Name | "slow" | "healthy", readonly SeenRelay[]>;

/** Publishes beside all bad destinations until each has shown its trouble, then ends the stream. */
async function publishBesideTrouble(): Promise<void> {
  const stream = await platform.addStream();
  const add = async ([name, { url }]: [string, { url: string }]) => [
    name,
    await platform.addDestination(stream.id, url),
  ];
  const added = await Promise.all(Object.entries({ healthy, ...destinations }).map(add));
  const ids: Record<string, string> = Object.fromEntries(added);
  encoder = await startEncoder(stream);
  const relays = watchRelays(platform, stream.id);
  const of = (name: string) => relays.of(ids[name] ?? "");
  const showed = (name: Name) =>
    of(name).some(({ state, reason }) => state === BAD[name].state && reason === BAD[name].reason);
  await until(() => NAMES.every(showed) && isSlow(of("slow")), { limitMs: 120_000, stepMs: 200 }).catch(() => {}); // each test says what it misses
  await encoder.end();
  await until(() => healthy.publishes.flat().length >= encoder.sent.length).catch(() => {});
  await relays.stop();
  seen = Object.fromEntries(Object.keys(ids).map((name) => [name, of(name)])) as typeof seen;
}

beforeAll(async () => {
  platform = await startPlatform();
  healthy = await healthySink(clock);
  destinations = {
    dead: await deadDestination(),
    unknown: await unknownHost(),
    untrusted: await untrustedDestination(),
    muted: await mutedDestination(),
    silent: await silentSink(clock, FALLS_SILENT_MS),
    slow: await slowDestination(TENTH_OF_THE_CLIP),
    rejecting: await rejectingDestination(),
    closing: await closingDestination(),
  };
  await publishBesideTrouble();
}, 240_000);
afterAll(async () => {
  await platform?.stop();
  await Promise.all([healthy, ...Object.values(destinations ?? {})].map((destination) => destination?.close()));
});

describe("a live stream with one healthy destination and eight bad ones", () => {
  it("brings every packet to the healthy one, without a gap", () => {
    const received = healthy.publishes.flat();

    expect(healthy.publishes).toHaveLength(1);
    expect(compareTracks(encoder.sent, received).problem).toBeNull();
    expect(largestGapMs(received)).toBeLessThan(GAP_MS);
    expect(seen.healthy.filter(({ reason }) => reason !== null)).toEqual([]);
  });

  it.each(NAMES)("shows what is wrong with the %s one, and when it is tried again", (name) => {
    const { state, reason } = BAD[name];
    const shown = seen[name].filter((relay) => relay.state === state && relay.reason === reason);

    expect(seen[name].map((relay) => `${relay.state}: ${relay.reason}`)).toContain(`${state}: ${reason}`);
    for (const { nextRetryAt, attempt, at } of shown) {
      const inMs = Date.parse(nextRetryAt ?? "") - at;
      expect(attempt).toBeGreaterThan(0);
      expect(inMs).toBeLessThan(state === "rejected" ? LONGEST_REJECTION_MS : LONGEST_BACKOFF_MS);
    }
  });

  it("shows that the slow one takes less than it is sent", () => {
    expect(isSlow(seen.slow), JSON.stringify(seen.slow)).toBe(true);
  });

  it.each(["dead", "unknown", "untrusted"] as const)("tries the %s one again, less and less often", (name) => {
    const { attempt, at } = seen[name].at(-1) ?? { attempt: 0, at: 0 };
    const seconds = (at - (seen[name][0]?.at ?? at)) / 1000;

    expect(attempt).toBeGreaterThan(1);
    expect(attempt).toBeLessThan(4 + seconds / 3); // a second apart it would be as many as there were seconds
  });

  it("leaves no relay's process behind once the stream has ended", async () => {
    await until(async () => (await relayProcesses(platform)).length === 0);
  });
});
