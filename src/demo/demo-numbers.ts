import { announcedRetry, type DemoEvidence, type SeenStatus } from "./checks.ts";
import { largestGapMs, type SinkRecord } from "./received.ts";

/** What one destination got. */
export interface SinkNumbers {
  readonly packets: number;
  /** From the first frame sent to the first received, ms; null where none was. */
  readonly firstMediaMs: number | null;
  readonly longestGapMs: number;
  /** How often its relay connected. */
  readonly publishes: number;
  /** Tries its relay was seen to make. */
  readonly attempts: number;
  /** The reasons that its relay gave, in the order of their first time. */
  readonly reasons: readonly string[];
}

/** The demo in figures, for `--json`. */
export interface DemoNumbers {
  readonly publishedSeconds: number;
  readonly sentPackets: number;
  readonly sentKbps: number;
  readonly announcedRetries: number;
  readonly healthy: SinkNumbers;
  readonly refusing: SinkNumbers;
  readonly silent: SinkNumbers;
}

function sinkNumbers(record: SinkRecord, statuses: readonly SeenStatus[], publishedAt: number): SinkNumbers {
  const packets = record.publishes.flat();
  const [first] = packets;
  return {
    packets: packets.length,
    firstMediaMs: first ? Math.round(first.receivedAt - publishedAt) : null,
    longestGapMs: Math.round(Math.max(0, ...record.publishes.map(largestGapMs))),
    publishes: record.publishes.length,
    attempts: Math.max(0, ...statuses.map(({ status }) => status.attempt)),
    reasons: [...new Set(statuses.flatMap(({ status }) => status.reason ?? []))],
  };
}

/** Counts a run of the demo. Pure. */
export function measure(evidence: DemoEvidence): DemoNumbers {
  const { sent, publishedAt, refusingStatuses } = evidence;
  const publishedMs = sent.at(-1)?.timestampMs ?? 0;
  const sentBytes = sent.reduce((sum, { bytes }) => sum + bytes, 0);
  const retries = new Set(
    refusingStatuses.filter(({ status }) => status.nextRetryAt !== null).map(({ status }) => status.nextRetryAt),
  );
  return {
    publishedSeconds: publishedMs / 1000,
    sentPackets: sent.length,
    sentKbps: publishedMs === 0 ? 0 : Math.round((sentBytes * 8) / publishedMs),
    announcedRetries: announcedRetry(refusingStatuses) ? retries.size : 0,
    healthy: sinkNumbers(evidence.healthy, evidence.healthyStatuses, publishedAt),
    refusing: sinkNumbers(evidence.refusing, refusingStatuses, publishedAt),
    silent: sinkNumbers(evidence.silent, evidence.silentStatuses, publishedAt),
  };
}
