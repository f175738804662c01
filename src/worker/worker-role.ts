import type { Log } from "../domain/log.ts";
import { allEnded } from "../runtime/all-ended.ts";
import { repeat } from "../runtime/repeat.ts";
import { type CloseRunsPorts, closeOrphanedRuns } from "../services/close-runs.ts";
import type { Election } from "../services/coordination.ts";
import { type SendOutboxPorts, sendOutbox } from "../services/send-outbox.ts";
import type { TaskDuties } from "../services/tasks.ts";
import { keepSchedules } from "./keep-schedules.ts";

const CLOSE_MS = 5_000;
const OUTBOX_MS = 1_000;
const DUE_MS = 200; // how late a delayed task becomes ready
const SWEEP_MS = 5_000;

export interface WorkerPorts extends CloseRunsPorts, SendOutboxPorts {
  readonly election: Election;
  readonly duties: TaskDuties;
  /** Takes tasks and runs them until aborted. */
  readonly work: (signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/** The worker: tasks, and the leader's duties under an election. Resolves when told to stop and all of it has ended. */
export async function runWorker(ports: WorkerPorts, signal: AbortSignal): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  // Where one of the two fails, the other ends too, before the role does.
  await allEnded([
    ports.work(ending.signal).finally(end),
    ports.election.lead("platform", (leading) => lead(ports, leading), ending.signal).finally(end),
  ]);
  signal.removeEventListener("abort", end);
}

/** What one worker does for all. Whatever fails for now is done at the next turn. */
async function lead(ports: WorkerPorts, leading: AbortSignal): Promise<void> {
  const { log, clock, duties } = ports;
  log.info({}, "leads the platform's duties");
  const each = (everyMs: number, failure: string, duty: () => Promise<unknown>) =>
    repeat({ everyMs, failure, clock, log }, async () => void (await duty()), leading);
  await Promise.all([
    each(CLOSE_MS, "runs not closed", () => closeRuns(ports)),
    each(OUTBOX_MS, "outbox not sent", () => untilNone(() => sendOutbox(ports), leading)),
    each(DUE_MS, "delayed tasks not made ready", () => untilNone(() => duties.moveDue(), leading)),
    each(SWEEP_MS, "ended tasks not swept", () => duties.sweep()),
    keepSchedules(ports, leading),
  ]);
}

/** Repeats a duty that does so much at once until there is nothing left of it. */
async function untilNone(duty: () => Promise<number>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await duty()) > 0);
}

async function closeRuns(ports: WorkerPorts): Promise<void> {
  const closed = await closeOrphanedRuns(ports);
  if (closed > 0) ports.log.info({ closed }, "orphaned publishes closed");
}
