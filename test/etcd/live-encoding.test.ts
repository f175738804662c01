import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LivePublish } from "../../src/domain/live.ts";
import { NEXT_RELAY_STATE, type RelayReason, type RelayStatus } from "../../src/domain/relay.ts";
import { decodeLive, encodeLive, PAGE_BYTES } from "../../src/etcd/live-encoding.ts";

const ulid = fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
const id = fc.oneof(ulid, fc.string({ minLength: 1, maxLength: 40 }));
const instant = fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 });
const count = fc.integer({ min: 0, max: 2 ** 40 });
const states = Object.keys(NEXT_RELAY_STATE) as RelayStatus["state"][];

const everyReason: Record<RelayReason, null> = {
  "unknown host": null,
  "address refused": null,
  "connection refused": null,
  closed: null,
  timeout: null,
  tls: null,
  "in use": null,
  rejected: null,
  stalled: null,
  "no video": null,
  codec: null,
  "source gone": null,
  crashed: null,
};
const reasons = [null, ...(Object.keys(everyReason) as RelayReason[])];

const relay = (startedAt: number): fc.Arbitrary<RelayStatus> =>
  fc.record({
    destinationId: id,
    state: fc.constantFrom(...states),
    reason: fc.constantFrom(...reasons),
    attempt: fc.integer({ min: 1, max: 100_000 }),
    nextRetryAt: fc.option(fc.integer({ min: startedAt, max: startedAt + 10 ** 9 })),
    egressBytes: count,
    bps: count,
    speed: fc.option(fc.integer({ min: 0, max: 5_000 }).map((thousandths) => thousandths / 1_000)),
    lostFrames: count,
    since: instant,
  });

const publish: fc.Arbitrary<LivePublish> = instant.chain((startedAt) =>
  fc.record({
    publishId: id,
    streamId: id,
    agentId: fc.constant("edge-1"),
    startedAt: fc.constant(startedAt),
    ingestBytes: count,
    ingestBps: count,
    lostFrames: count,
    relays: fc.array(relay(startedAt), { maxLength: 5 }),
  }),
);

const largest = (relays: number): LivePublish => ({
  publishId: "01JZZZZZZZZZZZZZZZZZZZZZZZ",
  streamId: "01JZZZZZZZZZZZZZZZZZZZZZZZ",
  agentId: "edge-1",
  startedAt: 4_000_000_000_000,
  ingestBytes: Number.MAX_SAFE_INTEGER,
  ingestBps: Number.MAX_SAFE_INTEGER,
  lostFrames: Number.MAX_SAFE_INTEGER,
  relays: Array.from({ length: relays }, () => ({
    destinationId: "01JZZZZZZZZZZZZZZZZZZZZZZZ",
    state: "rejected" as const,
    reason: "connection refused" as const,
    attempt: 1_000_000,
    nextRetryAt: 4_000_000_300_000,
    egressBytes: 10 ** 15,
    bps: 10 ** 10,
    speed: 99.999,
    lostFrames: 10 ** 9,
    since: 4_000_000_000_000,
  })),
});

describe("the pages of live/", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(fc.array(publish, { maxLength: 20 }), (publishes) => {
        const back = encodeLive(publishes).flatMap((page) => decodeLive(page, "edge-1"));

        expect(back).toEqual(publishes);
      }),
    );
  });

  it("take at most 96 bytes a stream and 64 a relay, whatever the counters say", () => {
    const bytes = (relays: number) => encodeLive([largest(relays)])[0]!.length - 1; // without the version

    expect(bytes(0)).toBeLessThanOrEqual(96);
    expect(bytes(10)).toBeLessThanOrEqual(96 + 10 * 64);
  });

  it("are at most 64 KiB each, and hold everything", () => {
    const publishes = Array.from({ length: 1_000 }, () => largest(3));

    const pages = encodeLive(publishes);

    expect(pages.length).toBeGreaterThan(1);
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(PAGE_BYTES);
    expect(pages.flatMap((page) => decodeLive(page, "edge-1"))).toHaveLength(1_000);
  });

  it("are none for an agent that does nothing", () => {
    expect(encodeLive([])).toEqual([]);
  });

  it("say nothing where another version wrote them, or they are cut", () => {
    const page = encodeLive([largest(2)])[0]!;

    expect(decodeLive(page.subarray(0, 60), "edge-1")).toEqual([]);
    expect(decodeLive(Buffer.concat([Buffer.of(99), page.subarray(1)]), "edge-1")).toEqual([]);
    expect(decodeLive(Buffer.of(), "edge-1")).toEqual([]);
  });
});
