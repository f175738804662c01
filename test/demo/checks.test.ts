import { describe, expect, it } from "vitest";
import { type DemoEvidence, judge, type SeenStatus } from "../../src/demo/checks.ts";
import { measure } from "../../src/demo/demo-numbers.ts";
import type { RelayStatus } from "../../src/domain/relay.ts";
import { arrived, packets } from "./packets.ts";

const seen = (at: number, change: Partial<RelayStatus>): SeenStatus => ({
  at,
  status: {
    destinationId: "d",
    state: "pushing",
    reason: null,
    attempt: 1,
    nextRetryAt: null,
    egressBytes: 0,
    bps: 0,
    speed: null,
    lostFrames: 0,
    since: 0,
    ...change,
  },
});

const sent = packets(40);
const lateRun = sent.slice(20).map((one, index) => ({ ...one, isKey: index === 0 }));

const good: DemoEvidence = {
  sent,
  publishedAt: 0,
  healthy: { publishes: [arrived(sent)] },
  refusing: { publishes: [arrived(lateRun)] },
  silent: { publishes: [arrived(sent.slice(0, 10))] },
  healthyStatuses: [seen(100, {})],
  refusingStatuses: [
    seen(50, { state: "waiting", reason: "connection refused", nextRetryAt: 9_000 }),
    seen(300, { attempt: 2 }),
  ],
  silentStatuses: [seen(100, {}), seen(700, { state: "waiting", reason: "stalled" })],
};

const failing = (evidence: DemoEvidence): string[] => judge(evidence).flatMap(({ name, ok }) => (ok ? [] : [name]));

describe("judging a demo", () => {
  it("finds nothing wrong where all went well", () => {
    expect(failing(good)).toEqual([]);
  });

  it.each<[string, Partial<DemoEvidence>, string[]]>([
    [
      "the healthy one lost a packet",
      { healthy: { publishes: [arrived(sent.toSpliced(7, 1))] } },
      ["healthy: every packet, in order"],
    ],
    [
      "the healthy one was connected twice",
      { healthy: { publishes: [arrived(sent.slice(0, 9)), arrived(sent.slice(9))] } },
      ["healthy: every packet, in order", "healthy: untouched by the others"],
    ],
    [
      "the healthy one waited for over a second",
      {
        healthy: { publishes: [[...arrived(sent.slice(0, 30)), ...arrived(sent.slice(30), 1200)]] },
      },
      ["healthy: untouched by the others"],
    ],
    [
      "the healthy one's relay lost frames",
      { healthyStatuses: [seen(100, { lostFrames: 1 })] },
      ["healthy: untouched by the others"],
    ],
    [
      "no retry was announced",
      { refusingStatuses: [seen(50, { state: "waiting", reason: "connection refused" }), seen(300, { attempt: 2 })] },
      ["refusing: announced a retry and made it"],
    ],
    [
      "a retry was announced and not made",
      { refusingStatuses: [seen(50, { state: "waiting", reason: "connection refused", nextRetryAt: 9_000 })] },
      ["refusing: announced a retry and made it"],
    ],
    ["the refusing one was never reached", { refusing: { publishes: [] } }, ["refusing: reached by retry"]],
    [
      "the refusing one got a run with a hole",
      { refusing: { publishes: [arrived(lateRun.toSpliced(4, 1))] } },
      ["refusing: reached by retry"],
    ],
    ["the silent one's relay was called pushing to the end", { silentStatuses: [seen(700, {})] }, ["silent: noticed"]],
    [
      "the silent one's trouble was told before its silence",
      { silentStatuses: [seen(20, { state: "waiting", reason: "stalled" })] },
      ["silent: noticed"],
    ],
    ["the silent one was never reached", { silent: { publishes: [] } }, ["silent: noticed"]],
  ])("fails where %s", (_name, change, names) => {
    expect(failing({ ...good, ...change })).toEqual(names);
  });
});

describe("measuring a demo", () => {
  it("counts packets, rates, gaps and retries", () => {
    expect(measure(good)).toMatchObject({
      sentPackets: 40,
      sentKbps: 421, // 40 × 1000 bytes in 760 ms
      announcedRetries: 1,
      healthy: { packets: 40, firstMediaMs: 10, longestGapMs: 40, publishes: 1, attempts: 1, reasons: [] },
      refusing: { packets: 20, firstMediaMs: 410, attempts: 2, reasons: ["connection refused"] },
      silent: { packets: 10, reasons: ["stalled"] },
    });
  });
});
