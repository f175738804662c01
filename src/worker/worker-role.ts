import type { Log } from "../domain/log.ts";
import { repeat } from "../runtime/repeat.ts";
import { type CloseRunsPorts, closeOrphanedRuns, sweepOrders } from "../services/close-runs.ts";
import type { Election } from "../services/coordination.ts";

const CLOSE_MS = 5_000;
const SWEEP_MS = 10_000;

export interface WorkerPorts extends CloseRunsPorts {
  readonly election: Election;
  readonly log: Log;
}

/** The worker: the leader's duties under an election. Resolves when told to stop and all of it has ended. */
export async function runWorker(ports: WorkerPorts, signal: AbortSignal): Promise<void> {
  const { election, log, clock } = ports;
  const lead = async (leading: AbortSignal) => {
    log.info({}, "leads the platform's duties");
    await Promise.all([
      repeat({ everyMs: CLOSE_MS, failure: "runs not closed", clock, log }, () => closeRuns(ports), leading),
      repeat({ everyMs: SWEEP_MS, failure: "orders not swept", clock, log }, () => sweep(ports), leading),
    ]);
  };
  await election.lead("platform", lead, signal);
}

async function closeRuns(ports: WorkerPorts): Promise<void> {
  const closed = await closeOrphanedRuns(ports);
  if (closed > 0) ports.log.info({ closed }, "orphaned publishes closed");
}

async function sweep(ports: WorkerPorts): Promise<void> {
  const swept = await sweepOrders(ports);
  if (swept > 0) ports.log.info({ swept }, "orders of ended publishes removed");
}
