import type { Clock, Random } from "../domain/clock.ts";
import { NEXT_RELAY_STATE, type RelayReason, type RelayState, type RelayStatus } from "../domain/relay.ts";
import { backoffMs } from "../domain/relay-backoff.ts";
import type { PushEnd, PushOnce, PushProgress, RelayOrder } from "./relay-push.ts";

/** What the supervision of one relay needs. */
export interface SuperviseRelayPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly push: PushOnce;
  /** Each change of status, and each progress. */
  readonly report: (status: RelayStatus) => void;
  /** One try has ended; its counters are final. */
  readonly pushEnded: (end: PushEnd) => void;
  /** Aborts when somebody asks for a retry now; asked for anew at each pause. */
  readonly retryNow: () => AbortSignal;
}

const EARLY_BYTES = 64 * 1024;
const EARLY_SECONDS = 5;
const EARLY_CLOSES = 3; // a server that takes a publish and closes it this often in a row does not want it

/** Closed within 5 s of the publish with under 64 KiB sent: how most servers answer a wrong destination key. */
const isEarlyClose = ({ reason, egressBytes, egressSeconds }: PushEnd): boolean =>
  reason === "closed" && egressBytes < EARLY_BYTES && egressSeconds < EARLY_SECONDS;

/**
 * Keeps one destination pushed to: tries, tells, pauses, tries again, until aborted. Resolves after the last try has ended;
 * never rejects. The counters of the statuses cover all tries.
 */
export async function superviseRelay(
  order: RelayOrder,
  ports: SuperviseRelayPorts,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, push, pushEnded, retryNow } = ports;
  const status = openStatus(order.relayId, ports);
  let earlyCloses = 0;
  for (let failures = 0; !signal.aborted; ) {
    status.enter("starting", { attempt: failures + 1 });
    const end = await push(order, status.progress, signal);
    status.sent(end);
    pushEnded(end);
    if (signal.aborted) break;
    failures = end.healthy ? 1 : failures + 1;
    earlyCloses = isEarlyClose(end) ? earlyCloses + 1 : 0;
    const reason = earlyCloses >= EARLY_CLOSES ? "rejected" : end.reason;
    const retryInMs = backoffMs(reason, failures, random);
    status.enter(reason === "rejected" ? "rejected" : "waiting", { reason, nextRetryAt: clock.now() + retryInMs });
    await clock.sleep(retryInMs, AbortSignal.any([signal, retryNow()]));
  }
  status.enter("stopped", {});
}

interface OpenStatus {
  enter(state: RelayState, change: { attempt?: number; reason?: RelayReason | null; nextRetryAt?: number }): void;
  progress(progress: PushProgress): void;
  sent(end: PushEnd): void;
}

/** The status of one relay, moved only as NEXT_RELAY_STATE allows. */
function openStatus(
  destinationId: string,
  { clock, report }: Pick<SuperviseRelayPorts, "clock" | "report">,
): OpenStatus {
  const still = { nextRetryAt: null, bps: 0, speed: null };
  let sent = { egressBytes: 0, lostFrames: 0 }; // by the tries before this one
  let status: RelayStatus | null = null;

  const enter: OpenStatus["enter"] = (state, change) => {
    if (status && !NEXT_RELAY_STATE[status.state].includes(state)) return;
    const before = status ?? { destinationId, reason: null, attempt: 1, egressBytes: 0, lostFrames: 0 };
    status = { ...before, ...still, ...change, state, since: clock.now() };
    report(status);
  };

  return {
    enter,
    progress({ egressBytes, bps, speed, lostFrames }) {
      if (status?.state === "starting" && egressBytes > 0) enter("pushing", { reason: null });
      if (status?.state !== "pushing") return;
      const sums = { egressBytes: sent.egressBytes + egressBytes, lostFrames: sent.lostFrames + lostFrames };
      status = { ...status, ...sums, bps, speed };
      report(status);
    },
    sent({ egressBytes }) {
      sent = { egressBytes: sent.egressBytes + egressBytes, lostFrames: status?.lostFrames ?? 0 };
      if (status) status = { ...status, egressBytes: sent.egressBytes };
    },
  };
}
