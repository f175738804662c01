import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyAudit } from "../../src/db/audit.ts";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import { largestGapMs } from "../../src/demo/received.ts";
import { connectOver } from "../../src/rtmp/connect.ts";
import type { RtmpError } from "../../src/rtmp/rtmp-error.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { seeded } from "../embedded/etcd/fuzz.ts";
import type { Encoder } from "../support/encoder.ts";
import { fullCount } from "../support/full-count.ts";
import { HOSTILE, HOSTILE_ADDRESS, type HostilePeer, sayHostile } from "../support/hostile-peers.ts";
import { openShow, type Show } from "../support/live-show.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { withDatabase } from "../support/platform-database.ts";
import { until } from "../support/until.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const GAP_MS = 8_000; // the machine may be slow; who stands in the way stands there for longer
const MEMORY_MIB = 250; // what all of this may add to the process that also holds server, worker, agent and store
const IDLE_PEERS = 400;
const WRONG_KEYS_PER_SECOND = 50;
const WRONG_KEY_SECONDS = fullCount(8, 30);
const GUESSES_AT_ONCE = 64; // a machine that is too busy for that many a second gets them later, not all at once

let platform: TestPlatform;
let show: Show;
let encoder: Encoder;
let pid: number;
let ingestPort: number;
let memoryBefore: number;
const peers: HostilePeer[] = [];

const report = (figures: string) => void process.stdout.write(`hostile input: ${figures}\n`);
const memoryMib = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024;
/** Seconds of CPU that the platform's own process has used. */
const cpuSeconds = () => {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const leave = async () => {
  for (const { socket } of peers) socket.destroy();
  await Promise.all(peers.splice(0).map(({ closed }) => closed));
};

/** Tries to publish from the hostile address: the server's word, and how long it took from the TCP connection on. */
async function tryToPublish(name: string): Promise<{ word: string; ms: number }> {
  const startedAt = performance.now();
  const socket = connect({ port: ingestPort, host: "127.0.0.1", localAddress: HOSTILE_ADDRESS });
  const { pathname } = new URL(platform.status.ingest.url.replace("rtmp:", "http:"));
  const options = { app: pathname.slice(1), tcUrl: platform.status.ingest.url, clock };
  const word = await connectOver(socket, options)
    .then((client) => client.publish(name))
    .then(
      () => "accepted",
      (error: RtmpError) => error.message,
    );
  socket.destroy();
  return { word, ms: performance.now() - startedAt };
}

beforeAll(async () => {
  report(`SEED=${SEED}`);
  platform = await startPlatform();
  pid = await platform.pid();
  ingestPort = Number(new URL(platform.status.ingest.url.replace("rtmp:", "http:")).port);
  show = await openShow(platform, { sinks: 1 });
  encoder = await show.goLive();
  memoryBefore = memoryMib();
});
afterAll(async () => {
  await leave();
  await platform?.stop();
  await show?.close();
});

describe("a live stream beside hostile peers", () => {
  it.each(Object.keys(HOSTILE))("outlives %s", async (kind) => {
    const dice = seeded(SEED);
    const said = Array.from({ length: 10 }, () => HOSTILE[kind]?.(dice) ?? Buffer.alloc(0));

    peers.push(...(await Promise.all(said.map((bytes) => sayHostile(ingestPort, bytes)))));

    expect(encoder.isLive()).toBe(true);
  });

  it("hangs up on all of them", async () => {
    await until(() => peers.every(({ socket }) => socket.destroyed));
  });

  it.each([
    ["fields that a callback has", (key: string) => `${key}x?name=${key}&app=live&clientid=1&call=publish`],
    ["a way up", () => "../../../etc/passwd"],
    ["4 KB", () => "k".repeat(4_096)],
    ["unicode", () => "schlüssel-日本語-\u202e-🎥"],
    ["a line break", (key: string) => `x\n${key}`],
    ["nothing", () => ""],
  ])("refuses a stream name with %s", async (_, nameFor) => {
    const { word } = await tryToPublish(nameFor(show.stream.streamKey));

    expect(word).toMatch(/^NetStream.Publish.BadName: (STREAM_KEY_UNKNOWN|INVALID_INPUT): /);
  });

  it("takes a stream key with a query for that stream key, and nothing else for it", async () => {
    const { word } = await tryToPublish(`${show.stream.streamKey}?name=x&app=y&name=../z`);

    expect(word).toContain("STREAM_IN_USE");
  });

  it("keeps room for others beside hundreds of idle and half-open connections", async () => {
    const half = Buffer.concat([Buffer.of(3), Buffer.alloc(500)]);
    const said = Array.from({ length: IDLE_PEERS }, (_, index) => (index % 2 ? half : Buffer.alloc(0)));
    peers.push(...(await Promise.all(said.map((bytes) => sayHostile(ingestPort, bytes)))));
    const other = await openShow(platform, { sinks: 1 });

    const late = await other.goLive();
    await late.end();
    const received = () => other.sinks[0]?.publishes.flat() ?? [];
    await until(() => received().length >= late.sent.length).catch(() => {}); // the comparison says what is missing
    await other.close();

    expect(compareTracks(late.sent, received()).problem).toBeNull();
    await until(() => peers.every(({ socket }) => socket.destroyed));
  });

  it("refuses 50 wrong stream keys a second, each with its reason", async () => {
    await leave(); // who is still there counts as one of those that guess
    const cpuBefore = cpuSeconds();
    const startedAt = performance.now();
    const ends: { word: string; ms: number }[] = [];
    let next = 0;
    const guess = async () => {
      for (let nth = next++; nth < WRONG_KEYS_PER_SECOND * WRONG_KEY_SECONDS; nth = next++) {
        const dueInMs = startedAt + (nth * 1_000) / WRONG_KEYS_PER_SECOND - performance.now();
        if (dueInMs > 0) await clock.sleep(dueInMs, new AbortController().signal);
        ends.push(await tryToPublish(`wrong-${SEED}-${nth}`));
      }
    };
    await Promise.all(Array.from({ length: GUESSES_AT_ONCE }, guess));

    const times = ends.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (part: number) => times[Math.floor(times.length * part)]?.toFixed(0);
    const cpuMs = ((cpuSeconds() - cpuBefore) * 1_000) / ends.length;
    const perSecond = (ends.length * 1_000) / (performance.now() - startedAt);
    report(`${perSecond.toFixed(0)} wrong stream keys a second were refused`);
    report(`wrong stream key to refusal: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, CPU ${cpuMs.toFixed(1)} ms each`);
    expect(new Set(ends.map(({ word }) => word))).toEqual(
      new Set(["NetStream.Publish.BadName: STREAM_KEY_UNKNOWN: no stream has this stream key"]),
    );
  });

  it("keeps an audit trail of it that verifies", async () => {
    const verdict = await withDatabase(platform, verifyAudit);

    expect(verdict.intact).toBe(true);
  });

  it("has lost no packet, has grown little, and has nothing to complain about", async () => {
    const grownMib = memoryMib() - memoryBefore;
    report(`memory grew by ${grownMib.toFixed(0)} MiB`);
    await encoder.end();
    const { publishes } = show.sinks[0] ?? { publishes: [] };
    await until(() => publishes.flat().length >= encoder.sent.length);
    const levels = (await platform.log()).split("\n").filter((line) => /"level":"(error|fatal)"|unhandled/i.test(line));

    expect(publishes).toHaveLength(1);
    expect(compareTracks(encoder.sent, publishes.flat()).problem).toBeNull();
    expect(largestGapMs(publishes.flat())).toBeLessThan(GAP_MS);
    expect(grownMib).toBeLessThan(MEMORY_MIB);
    expect(levels).toEqual([]);
    expect(await platform.pid()).toBe(pid);
  });
});
