import type { RelayStatus } from "../domain/relay.ts";
import { compareTracks, isRunOf } from "./compare-packets.ts";
import type { PacketIdentity } from "./packet-identity.ts";
import { largestGapMs, type ReceivedPacket, type SinkRecord } from "./received.ts";

/** One thing that the demo proves, or does not. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, in figures. */
  readonly detail: string;
}

/** A relay's status at an instant on the monotonic clock. */
export interface SeenStatus {
  readonly at: number;
  readonly status: RelayStatus;
}

/** All that one run of the demo saw. Instants are on the monotonic clock, except those inside of a RelayStatus. */
export interface DemoEvidence {
  readonly sent: readonly PacketIdentity[];
  /** When the first of them left. */
  readonly publishedAt: number;
  readonly healthy: SinkRecord;
  readonly refusing: SinkRecord;
  readonly silent: SinkRecord;
  readonly refusingStatuses: readonly SeenStatus[];
  readonly silentStatuses: readonly SeenStatus[];
  readonly healthyStatuses: readonly SeenStatus[];
}

/** A longer silence at the healthy destination would be a glitch that viewers see. */
export const MAX_GAP_MS = 1000;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const all = (record: SinkRecord): readonly ReceivedPacket[] => record.publishes.flat();

function checkIntact({ sent, healthy }: DemoEvidence): Check {
  const name = "healthy: every packet, in order";
  const { length } = healthy.publishes;
  if (length !== 1) return { name, ok: false, detail: `${length} connections, where one should have lasted` };
  const { problem, counts } = compareTracks(sent, all(healthy));
  return { name, ok: problem === null, detail: problem ?? counts };
}

function checkUndisturbed({ healthy, healthyStatuses }: DemoEvidence): Check {
  const gapMs = largestGapMs(all(healthy));
  const lost = Math.max(0, ...healthyStatuses.map(({ status }) => status.lostFrames));
  return {
    name: "healthy: untouched by the others",
    ok: healthy.publishes.length === 1 && gapMs <= MAX_GAP_MS && lost === 0,
    detail: `longest gap ${Math.round(gapMs)} ms, ${lost} frames lost`,
  };
}

/** The first retry that was announced and then made. */
export function announcedRetry(statuses: readonly SeenStatus[]): { announced: SeenStatus; made: SeenStatus } | null {
  for (const [index, announced] of statuses.entries()) {
    if (announced.status.nextRetryAt === null) continue;
    const made = statuses.slice(index).find(({ status }) => status.attempt > announced.status.attempt);
    if (made) return { announced, made };
  }
  return null;
}

function checkRetried({ refusingStatuses, refusing, sent }: DemoEvidence): Check[] {
  const retry = announcedRetry(refusingStatuses);
  const refused = refusingStatuses.some(({ status }) => status.reason === "connection refused");
  const publish = refusing.publishes.at(-1) ?? [];
  return [
    {
      name: "refusing: announced a retry and made it",
      ok: refused && retry !== null,
      detail: retry
        ? `${retry.announced.status.reason ?? "no reason"}; attempt ${retry.made.status.attempt} followed ${retry.announced.status.attempt}`
        : `no announced retry seen in ${refusingStatuses.length} statuses`,
    },
    {
      name: "refusing: reached by retry",
      ok: publish.length > 0 && publish[0]?.isKey === true && isRunOf(publish, sent),
      detail:
        publish.length === 0
          ? "nothing arrived"
          : `${publish.length} packets, ${publish[0]?.isKey ? "from a key frame on" : "not from a key frame on"}${isRunOf(publish, sent) ? "" : ", with holes"}`,
    },
  ];
}

/** The first word of trouble from the silent one's relay after it was sent its last packet. */
function noticedSilence({ silent, silentStatuses }: DemoEvidence): { last: ReceivedPacket; seen: SeenStatus } | null {
  const last = silent.publishes[0]?.at(-1);
  if (!last) return null;
  const seen = silentStatuses.find(
    ({ at, status }) => at > last.receivedAt && status.reason !== null && status.state !== "pushing",
  );
  return seen ? { last, seen } : null;
}

function checkNoticed(evidence: DemoEvidence): Check {
  const name = "silent: noticed";
  const noticed = noticedSilence(evidence);
  if (all(evidence.silent).length === 0) return { name, ok: false, detail: "nothing arrived before it went silent" };
  if (!noticed) return { name, ok: false, detail: "its relay was still called pushing at the end" };
  const { last, seen } = noticed;
  return {
    name,
    ok: true,
    detail: `${seen.status.reason}, ${seconds(seen.at - last.receivedAt)} after it stopped reading`,
  };
}

/** True once the refusing one was reached by an announced retry and the silent one was noticed: a run may end. */
export const sawBothFaults = (evidence: DemoEvidence): boolean =>
  all(evidence.refusing).length > 0 &&
  announcedRetry(evidence.refusingStatuses) !== null &&
  noticedSilence(evidence) !== null;

/** Judges a run: what each destination must have got, and what its relay must have said. Pure. */
export function judge(evidence: DemoEvidence): Check[] {
  return [checkIntact(evidence), checkUndisturbed(evidence), ...checkRetried(evidence), checkNoticed(evidence)];
}
